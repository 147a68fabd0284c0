"""A new data set: its description, and a file for each kind of record."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.faults import DataRefused, faults_at, flatten
from schemas.records.dataset import DESCRIPTION
from schemas.records.description import DescriptionSchema
from service.compiler.disk import make_directory
from service.compiler.pending import Edit, EditRefused
from service.compiler.read import FILES


def init(directory: Path, about: Mapping[str, Any]) -> None:
    """Makes a data set without records in a directory, which holds none yet.

    ``about`` are keys of ``dataset.json``; id and title are made of the name of
    the directory where they are not given. Raises ``DataRefused`` and ``EditRefused``.
    """
    called = directory.resolve().name
    words = re.sub("[^a-z0-9]+", "-", called.lower()).strip("-") or "claims"
    described = {
        "format": 1,
        "id": words,
        "title": called,
        **{key: value for key, value in about.items() if value is not None},
    }
    try:
        DescriptionSchema().load(described)
    except ValidationError as error:
        raise DataRefused(faults_at(DESCRIPTION, flatten(error.messages, described))) from None
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
