"""Tables of the service as pandas DataFrames, every column of its proper type."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Table = Literal["claims", "quotes", "counts"]

WITHOUT_PANDAS = "to_dataframe() needs pandas, which is not installed: pip install 'pandas>=2.2'"

DAYS = frozenset(
    {
        "announced_earliest",
        "announced_latest",
        "occurred_earliest",
        "occurred_latest",
        "recorded_at",
    }
)
"""Columns that hold a calendar day. ``announced``, ``occurred`` and ``horizon`` are EDTF texts."""
NUMBERS = frozenset(
    {
        "horizon_year",
        "attribution_score",
        "content_credibility",
        "content_score",
        "independent_origins",
        "revision",
        "start",
        "end",
        "count",
    }
)
"""Columns that hold a whole number, or nothing."""


def frame(csv: bytes, dataset_version: str | None) -> pd.DataFrame:
    """A CSV of the service as a table; ``attrs["dataset_version"]`` names the dataset.

    Whole numbers are ``Int64`` (nullable), days ``datetime64[s]`` (whose range holds every year
    that the data can have), everything else is ``string``: also a column that a later version
    adds. An empty field is missing; the text "NA" is a text. Raises ``ImportError`` with a
    sentence that says what to install.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(WITHOUT_PANDAS) from error
    types = defaultdict(lambda: "string", dict.fromkeys(NUMBERS, "Int64"))
    table = pd.read_csv(io.BytesIO(csv), dtype=types, keep_default_na=False, na_values=[""])
    # Again, because a file without rows is read without regard to the types.
    table = table.astype({column: types[column] for column in table.columns})
    for column in DAYS.intersection(table.columns):
        table[column] = table[column].astype("datetime64[s]")
    if dataset_version:
        table.attrs["dataset_version"] = dataset_version
    return table
