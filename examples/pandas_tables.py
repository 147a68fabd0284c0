"""Claims as pandas tables: from the CSV, and from NDJSON where the nested parts are wanted.

    pip install pandas
    python examples/pandas_tables.py http://127.0.0.1:8000

It prints three tables: goals by target year and specificity, how sure one can be of what each
speaker is said to have said, and the chains of attribution.
"""

from __future__ import annotations

import sys

import pandas as pd

#: An empty field is missing; everything else is what it says, "NA" and "null" included.
AS_WRITTEN = {"keep_default_na": False, "na_values": [""]}


def goals_by_year(base_url: str) -> pd.DataFrame:
    """Distinct goals: a row for each target year (none stated: the last), a column for each
    specificity. One line of CSV is one claim.
    """
    goals = pd.read_csv(
        f"{base_url}/v1/claims.csv?goals_only=true&distinct=true",
        dtype={"horizon_year": "Int64"},
        parse_dates=["announced_earliest", "announced_latest"],
        **AS_WRITTEN,
    )
    return pd.crosstab(
        goals["horizon_year"].astype("string").fillna("none stated"), goals["goal_specificity"]
    )


def confidence_by_speaker(base_url: str) -> pd.DataFrame:
    """The two scores stay two columns; where the content cannot be judged there is none."""
    claims = pd.read_csv(
        f"{base_url}/v1/claims.csv",
        usecols=["speaker", "attribution_score", "content_score"],
        dtype={"attribution_score": "Int64", "content_score": "Int64"},
        **AS_WRITTEN,
    )
    groups = claims.groupby("speaker")
    table = groups[["attribution_score", "content_score"]].median()
    table["claims"] = groups.size()
    table["not judged"] = groups["content_score"].apply(lambda scores: int(scores.isna().sum()))
    return table.sort_values("claims", ascending=False)


def chains(base_url: str) -> pd.DataFrame:
    """Who passes on whom. NDJSON keeps what a table cannot hold: one claim a line, nested.

    ``dtype=False``, because pandas would guess types from what a column looks like.
    """
    claims = pd.read_json(
        f"{base_url}/v1/claims.ndjson?kind=goal,directive,position", lines=True, dtype=False
    )
    claims["chain"] = [
        " > ".join(link["agent"]["id"] for link in links) for links in claims["sources"]
    ]
    return claims.groupby("chain").size().sort_values(ascending=False).to_frame("claims")


def main(base_url: str) -> None:
    for table in (goals_by_year, confidence_by_speaker, chains):
        print(table(base_url).to_string(), end="\n\n")


if __name__ == "__main__":
    main(sys.argv[1].rstrip("/"))
