"""Keyword arguments as a query string.

Names and meanings are those of ``openapi.yaml``. A list is any iterable of values, or one text
(``"nuclear,defence"`` is a list of two). A parameter that is ``None`` is not sent. Which values are
allowed is left to the service, which names every fault at once; so a parameter of a later version
of the service can be used with this client.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Any, SupportsIndex
from urllib.parse import quote, urlencode


def resource(*steps: str, parameters: Mapping[str, Any] = MappingProxyType({})) -> str:
    """The path of a resource and its query, names sorted.

    Raises ``TypeError`` for a value that is neither text, whole number, truth value nor day, nor
    an iterable of these.
    """
    path = "/v1/" + "/".join(quote(step, safe="") for step in steps)
    values = texts(parameters)
    return f"{path}?{urlencode(sorted(values.items()), safe=',')}" if values else path


def texts(parameters: Mapping[str, Any]) -> dict[str, str]:
    """The parameters that are sent, as texts. Raises ``TypeError`` as ``resource`` does."""
    return {name: _text(name, value) for name, value in parameters.items() if value is not None}


def _text(name: str, value: Any) -> str:
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Iterable):
        return _item(name, value)
    items = [_item(name, item) for item in value]
    return ",".join(sorted(items) if isinstance(value, (set, frozenset)) else items)


def _item(name: str, value: Any) -> str:
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case dt.datetime():
            raise TypeError(f"{name} takes a day, not an instant: {value!r}; use .date()")
        case dt.date():
            return value.isoformat()
        case SupportsIndex():  # whole numbers, including those of numpy and pandas
            a_year = name == "horizon" or name.endswith("_year")
            return f"{int(value):04d}" if a_year else str(int(value))
    raise TypeError(f"{name} does not take {type(value).__name__}: {value!r}")
