"""CSV tables of the service as DataFrames of pandas or Polars, with the contract's column types."""

from __future__ import annotations

import io
from collections import defaultdict
from typing import TYPE_CHECKING, Literal

from policy_claims.types import COLUMNS

if TYPE_CHECKING:
    import pandas as pd
    import polars as pl

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
POLARS_MISSING = (
    "to_polars() needs polars, which is not installed: "
    "pip install 'polars>=1.40' or 'policy-claims-client[polars]'"
)
DAYS = frozenset(name for name, kind in COLUMNS.items() if kind == "date")
"""Columns of calendar days. ``announced``, ``occurred``, ``refers_to`` and ``horizon`` are EDTF
texts."""
TYPES = {"integer": "Int64", "number": "Float64", "boolean": "boolean"}
"""The types of pandas for those of columns; all others are ``string``."""
POLARS_TYPES = {"integer": "Int64", "number": "Float64", "boolean": "Boolean", "date": "Date"}
"""The types of Polars for those of columns; ``ids`` are lists, all others ``String``."""


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


def polars_frame(csv: bytes) -> pl.DataFrame:
    """A table for Polars: days are ``Date``, numbers ``Int64`` or ``Float64``, several ids a list
    of ``String``, which is empty where there are none; the rest is as for pandas. Raises
    ``ImportError`` where Polars is not installed.
    """
    try:
        import polars as pl
    except ImportError as error:
        raise ImportError(POLARS_MISSING) from error
    types = {
        name: getattr(pl, POLARS_TYPES[kind])
        for name, kind in COLUMNS.items()
        if kind in POLARS_TYPES
    }
    table = pl.read_csv(csv, schema_overrides=types, infer_schema=False)
    lists = [name for name in table.columns if COLUMNS.get(name) == "ids"]
    return table.with_columns(pl.col(lists).fill_null("").str.extract_all("[^ ]+"))
