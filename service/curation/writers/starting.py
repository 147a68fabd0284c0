"""A new data set: its description, and a file for each kind of record."""

import difflib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.faults import DataRefused, Fault, faults_at, flatten, shown
from schemas.records.dataset import DESCRIPTION
from schemas.records.description import DescriptionSchema
from service.compiler.disk import make_directory
from service.compiler.pending import Edit, EditRefused
from service.compiler.read import FILES
from service.curation.slugs import plain_words

_USUAL_LICENCES = (
    "CC-BY-4.0",
    "CC0-1.0",
    "ODbL-1.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "ODC-By-1.0",
    "PDDL-1.0",
    "OGL-UK-3.0",
    "DL-DE-BY-2.0",
    "etalab-2.0",
)
"""Licences under which data are usually published; one of them may have been meant."""


def init(directory: Path, about: Mapping[str, Any]) -> None:
    """Makes a data set without records in a directory, which holds none yet.

    ``about`` are keys of ``dataset.json``; id and title are made of the name of
    the directory where they are not given. Raises ``DataRefused`` and ``EditRefused``.
    """
    called = directory.resolve().name
    described = {
        "format": 1,
        "id": plain_words(called) or "claims",
        "title": called,
        **{key: value for key, value in about.items() if value is not None},
    }
    _expect_valid(described)
    if "licence" in described:
        described["licence"] = _licence(described["licence"])
    names = [f"{name}.{suffix}" for name in FILES for suffix in ("json", "ndjson")]
    make_directory(directory)
    with Edit(directory) as edit:
        there = [name for name in (DESCRIPTION, *names) if (directory / name).exists()]
        if there:
            raise EditRefused(f"{directory} has a data set already: {', '.join(there)}")
        content = json.dumps(described, ensure_ascii=False, indent=2) + "\n"
        edit.write(DESCRIPTION, [content.encode()])
        for name in FILES:
            edit.write(f"{name}.json", [b"[]\n"])
        edit.decide()


def _expect_valid(described: dict[str, Any]) -> None:
    try:
        DescriptionSchema().load(described)
    except ValidationError as error:
        raise DataRefused(faults_at(DESCRIPTION, flatten(error.messages, described))) from None


def _licence(identifier: str) -> str:
    """The SPDX id of a licence, as the list writes it. Raises ``DataRefused`` for one that is not
    there; a licence of one's own is ``LicenseRef-`` and a name (SPDX 3.0, annex B).
    """
    from packaging import licenses  # the whole list, which few commands need

    try:
        return licenses.canonicalize_license_expression(identifier)
    except licenses.InvalidLicenseExpression:
        usual = {each.lower(): each for each in _USUAL_LICENCES}
        near = difflib.get_close_matches(identifier.lower(), usual, n=1)
        meant = f" (meant {usual[near[0]]}?)" if near else ""
        allowed = (
            f"the SPDX id of a licence{meant}, such as {', '.join(_USUAL_LICENCES[:3])}: "
            "https://spdx.org/licenses lists them; LicenseRef- and a name for one of your own"
        )
        raise DataRefused([Fault(DESCRIPTION, "/licence", shown(identifier), allowed)]) from None
