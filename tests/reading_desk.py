"""Small data sets of one document, and the workbench on it."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

from flask import Flask

from service.curation.workbench.lock import ReadingLock, WorkbenchPlace
from service.curation.workbench.opening import open_session
from service.curation.workbench.session import ReadingSession
from service.curation.workbench.views import create_workbench

DOCUMENT = "doc_0000000d"
PUBLISHER = "harbour-post"
TEXT = (
    "Port to double its cranes by 2030\r\n"
    "\r\n"
    "HARBOURTON — The port director, Zoë Mårtens 🏗️, said on Monday that the port “will buy forty "
    "cranes 🏗🏗” by 2030.\r\n"
    "\r\n"
    "שר התחבורה אמר: “הנמל ייפתח מחדש.” The minister also "
    "“welcomed” the café’s te\u0301xt.\r\n"
)
"""Astral characters before a quotation and in it, combining marks, writing from right to left, and
lines that end with CR LF."""

_RECORDS: dict[str, list[dict[str, Any]]] = {
    "agents": [
        {
            "id": PUBLISHER,
            "name": "Harbour Post",
            "kind": "news_outlet",
            "reliability": {"grade": "C", "rationale": "A newspaper of the town."},
        },
        {
            "id": "zoe-martens",
            "name": "Zoë Mårtens",
            "kind": "person",
            "other_names": ["port director"],
            "reliability": {"grade": "C", "rationale": "She heads the port."},
        },
        {"id": "port-of-harbourton", "name": "Port of Harbourton", "kind": "organisation"},
    ],
    "topics": [
        {"id": "ports", "label": "Ports", "definition": "Harbours and their ships."},
        {"id": "cranes", "label": "Cranes", "definition": "What lifts.", "broader": "ports"},
    ],
    "occasions": [],
    "places": [],
    "claims": [],
    "changes": [],
}


def make_set(directory: Path, text: str = TEXT, **document: Any) -> Path:
    """A data set with one document and no claims; gives the file of the document."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "harbour.txt"
    raw = text.encode()
    file.write_bytes(raw)
    record = {
        "id": DOCUMENT,
        "title": "Port to double its cranes",
        "publisher": PUBLISHER,
        "published": {"edtf": "2026-03-10", "basis": "stated"},
        "language": "en",
        "file": file.name,
        "sha256": hashlib.sha256(raw).hexdigest(),
        "length": len(text),
        **document,
    }
    for name, records in {**_RECORDS, "documents": [record]}.items():
        (directory / f"{name}.json").write_text(json.dumps(records), encoding="utf-8")
    return file


class Desk:
    """A session with a document, and requests to its workbench as its page sends them."""

    def __init__(self, directory: Path, file: Path, coder: str = "jr") -> None:
        self.session: ReadingSession
        self.lock: ReadingLock
        self.session, self.lock = open_session(directory, file, coder)
        self.place = WorkbenchPlace(8799, "token-of-a-test")
        self.app: Flask = create_workbench(self.session, self.place)
        self._client = self.app.test_client()

    def get(self, path: str) -> Any:
        answer = self._client.get(f"/{self.place.token}/{path}", base_url="http://127.0.0.1:8799")
        answer.get_data()
        answer.close()  # of a file
        return answer

    def post(self, path: str, body: Any, **options: Any) -> Any:
        options = {"base_url": "http://127.0.0.1:8799", **options}
        return self._client.post(f"/{self.place.token}/{path}", json=body, **options)

    def units(self) -> list[dict[str, Any]]:
        units: list[dict[str, Any]] = self.get("state").json["units"]
        return units

    def keep(self, unit: dict[str, Any], **keys: Any) -> Any:
        return self.post("units", {"remove": [unit["tag"]], "add": [{**unit, **keys}]})

    def on_disk(self) -> dict[str, Any]:
        reading: dict[str, Any] = json.loads(self.session.path.read_text(encoding="utf-8"))
        return reading


def claim_of(unit: dict[str, Any], **keys: Any) -> dict[str, Any]:
    """A whole claim in the document's own voice."""
    return {
        "statement": "The port will double its cranes by 2030.",
        "kind": "goal",
        "topics": ["cranes"],
        "actors": ["port-of-harbourton"],
        "goal": {"specificity": "directional", "details": "twice as many cranes"},
        "sources": [{"agent": PUBLISHER, "role": "publisher", "cue": None}],
        "attribution": "narrator",
        "fidelity": "paraphrase",
        "dates": {
            "announced": {"edtf": "2026-03-10", "basis": "stated", "note": None},
            "occurred": {"edtf": "/2026-03-10", "basis": "inferred", "note": "No day is given."},
        },
        "confidence": {
            "attribution": {"level": "high", "rationale": "The document says so."},
            "content": {"credibility": 3, "rationale": "Said without a source."},
        },
        **keys,
    }
