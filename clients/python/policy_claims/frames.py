"""CSV tables of the service as pandas DataFrames with typed columns."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from policy_claims.types import COLUMNS

if TYPE_CHECKING:
    import pandas as pd

Table = Literal[
    "claims",
    "quotes",
    "sources",
    "relations",
    "counts",
    "documents",
    "agents",
    "topics",
    "occasions",
    "places",
]

PANDAS_MISSING = (
    "to_dataframe() needs pandas, which is not installed: "
    "pip install 'pandas>=2.2' or 'policy-claims-client[frames]'"
)
DAYS = frozenset(name for name, kind in COLUMNS.items() if kind == "date")
"""Columns of calendar days. ``announced``, ``occurred``, ``refers_to`` and ``horizon`` are EDTF
texts."""
TYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}
"""The types of pandas for those of columns; all others are ``string``."""


def frame(csv: bytes, dataset_version: str | None) -> pd.DataFrame:
    """A table with ``attrs["dataset_version"]``.

    The types are those that the contract gives the columns: ``Int64``, ``Float64`` and ``boolean``
    (all nullable), days ``datetime64[s]`` (whose range includes every year that the data can
    have), all other columns ``string``, including those that a later version of the service adds.
    An empty field is missing; the text "NA" is a text. Raises ``ImportError`` where pandas is not
    installed.
    """
    try:
        import pandas as pd
    except ImportError as error:
        raise ImportError(PANDAS_MISSING) from error
    typed = {name: TYPES[kind] for name, kind in COLUMNS.items() if kind in TYPES}
    types = defaultdict(lambda: "string", typed)
    table = pd.read_csv(io.BytesIO(csv), dtype=types, keep_default_na=False, na_values=[""])
    # Once more, because read_csv ignores the types where there are no rows.
    table = table.astype({column: types[column] for column in table.columns})
    for column in DAYS.intersection(table.columns):
        table[column] = table[column].astype("datetime64[s]")
    if dataset_version:
        table.attrs["dataset_version"] = dataset_version
    return table
