"""The addresses of the page of one record."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, jsonify, render_template, request

from schemas.records.change import RecordKey
from schemas.records.vocabularies import VOCABULARIES
from service.curation.workbench.lock import WorkbenchPlace
from service.curation.workbench.page_state import CHOICES, named
from service.curation.workbench.records.form import FIXED
from service.curation.workbench.records.page import RecordPage
from service.curation.workbench.views import guarded_app, object_of
from service.curation.workbench.wording import Wording, name_of, names_of, plain

_MAX_SHOWN = 8
"""Records that are named of those that refer to one."""


def create_record_page(page: RecordPage, place: WorkbenchPlace) -> Flask:
    """The page on which a record is revised, replaced or withdrawn."""
    app = guarded_app(place)
    name = "" if page.is_new else name_of(page.record, page.task.key.kind)

    @app.get("/<token>/")
    def show() -> str:
        return render_template("record.html", task=page.task, name=name)

    @app.get("/<token>/state")
    def state() -> Response:
        return jsonify(_state(page))

    @app.post("/<token>/check")
    def check() -> Response:
        asked = object_of(request.get_json())
        said = object_of(asked.get("said"))
        if asked.get("typed") is True:
            page.keep(said)
        return jsonify(faults=[fault.as_json() for fault in page.faults(said)])

    @app.post("/<token>/write")
    def write() -> Response:
        page.write(object_of(request.get_json()))
        answer = jsonify(outcome=page.outcome)
        answer.call_on_close(page.done.set)
        return answer

    return app


def _state(page: RecordPage) -> dict[str, Any]:
    """The record, what can be edited of it, and everything there is to choose from."""
    names = names_of(page.fixtures)
    others = page.named_by()
    edited = page.task.what in ("add", "revise") or page.may_be_new
    return {
        "what": page.task.what,
        "kind": page.task.key.kind,
        "id": page.task.key.id,
        "said": page.begun(),
        "form": page.form if edited else [],
        "shown": _in_words(page, Wording(names)),
        "vocabularies": {
            name: [named(name, record, new=False) for record in page.fixtures[name]]
            for name in VOCABULARIES
        },
        "named_by": [{**_told(key), "name": _called(key, names)} for key in others[:_MAX_SHOWN]],
        "count": len(others),
        "choices": {"basis": CHOICES["basis"]},
    }


def _told(key: RecordKey) -> dict[str, str]:
    return {"kind": key.kind, "id": key.id}


def _called(key: RecordKey, names: dict[str, dict[str, str]]) -> str:
    return names[f"{key.kind}s"][key.id]


def _in_words(page: RecordPage, wording: Wording) -> list[list[str]]:
    """The record as it is, without what is empty: of one that is revised only what cannot be
    edited.
    """
    keys = FIXED if page.task.what == "revise" else page.record
    told = [(key, value) for key, value in page.record.items() if key in keys and key != "id"]
    return [
        [plain(key), wording.of(value, key)] for key, value in told if value not in (None, [], {})
    ]
