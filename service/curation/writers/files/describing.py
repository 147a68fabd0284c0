"""One key of ``dataset.json`` written; the rest of the file stays as it is."""

import json
from pathlib import Path
from typing import Any

from marshmallow import ValidationError

from schemas.faults import DataRefused, faults_at, flatten
from schemas.records.dataset import DESCRIPTION
from schemas.records.description import DescriptionSchema
from service.compiler.pending import Edit, is_there
from service.compiler.strict_json import parse_json

_KEY_INDENT = "\n  "


def write_agreement(directory: Path, agreement: dict[str, Any]) -> None:
    """Writes the figures of readings into the description of a data set.

    Raises ``DataRefused``, ``EditRefused`` and ``OSError``.
    """
    with Edit(directory) as edit:
        path = edit.directory / DESCRIPTION
        text = path.read_bytes().decode() if is_there(path) else "{}\n"
        made = with_value(text, "agreement", _text(agreement))
        described = parse_json(made.encode())
        try:
            DescriptionSchema().load(described)
        except ValidationError as error:
            raise DataRefused(faults_at(DESCRIPTION, flatten(error.messages, described))) from None
        edit.write(DESCRIPTION, [made.encode()])
        edit.decide()


def with_value(text: str, key: str, value: str) -> str:
    """The text of a JSON object in which a key has a value, at its place or as the last one."""
    decoder = json.JSONDecoder()
    place = text.index("{") + 1
    last = place
    while text[place:].lstrip()[:1] not in ("}", ""):
        place += len(text[place:]) - len(text[place:].lstrip(" \t\r\n,"))
        name, place = decoder.raw_decode(text, place)
        place = text.index(":", place) + 1
        place += len(text[place:]) - len(text[place:].lstrip())
        _, end = decoder.raw_decode(text, place)
        if name == key:
            return text[:place] + value + text[end:]
        last = place = end
    comma = "," if text[:last].rstrip()[-1] != "{" else ""
    return f"{text[:last]}{comma}{_KEY_INDENT}{json.dumps(key)}: {value}\n}}\n"


def _text(agreement: dict[str, Any]) -> str:
    """The figures, a field a line."""
    head = [f"{json.dumps(k)}: {json.dumps(v)}" for k, v in agreement.items() if k != "fields"]
    fields = ",\n      ".join(json.dumps(each, ensure_ascii=False) for each in agreement["fields"])
    listed = f"[\n      {fields}\n    ]"
    return "{\n    " + ",\n    ".join([*head, f'"fields": {listed}']) + "\n  }"
