"""CSV tables of the service as pandas DataFrames with typed columns."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    import pandas as pd

Table = Literal["claims", "quotes", "counts"]

PANDAS_MISSING = (
    "to_dataframe() needs pandas, which is not installed: "
    "pip install 'pandas>=2.2' or 'policy-claims-client[frames]'"
)
# fmt: off
DAYS = frozenset({
    "announced_earliest", "announced_latest", "occurred_earliest", "occurred_latest", "recorded_at",
    "refers_to_earliest", "refers_to_latest",
})
"""Columns of calendar days. ``announced``, ``occurred``, ``refers_to`` and ``horizon`` are EDTF
texts."""
NUMBERS = frozenset({
    "horizon_year", "attribution_score", "content_credibility", "content_score",
    "independent_origins", "revision", "start", "end", "count", "alternatives",
})
"""Columns of whole numbers."""
DECIMALS = frozenset({"goal_target_value"})
"""Columns of numbers that need not be whole."""
# fmt: on


def frame(csv: bytes, dataset_version: str | None) -> pd.DataFrame:
    """A table with ``attrs["dataset_version"]``.

    Whole numbers are ``Int64`` and others ``Float64`` (both nullable), days ``datetime64[s]`` (whose range includes every year
    that the data can have), all other columns ``string``, including those that a later version of
    the service adds. An empty field is missing; the text "NA" is a text. Raises ``ImportError``
    where pandas is not installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(PANDAS_MISSING) from error
    numbers = dict.fromkeys(NUMBERS, "Int64") | dict.fromkeys(DECIMALS, "Float64")
    types = defaultdict(lambda: "string", numbers)
    table = pd.read_csv(io.BytesIO(csv), dtype=types, keep_default_na=False, na_values=[""])
    # Once more, because read_csv ignores the types where there are no rows.
    table = table.astype({column: types[column] for column in table.columns})
    for column in DAYS.intersection(table.columns):
        table[column] = table[column].astype("datetime64[s]")
    if dataset_version:
        table.attrs["dataset_version"] = dataset_version
    return table
