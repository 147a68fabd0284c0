"""The addresses of the workbench. All of them begin with its token."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from flask import Flask, Response, abort, jsonify, render_template, request
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException

from schemas.faults import DataRefused, flatten, shown
from schemas.records.reading import NEW_RECORDS, UnitSchema
from service.compiler.pending import EditRefused
from service.curation.workbench.lock import WorkbenchPlace
from service.curation.workbench.page_state import named, page_state
from service.curation.workbench.records.new import make_record
from service.curation.workbench.session import Conflict, ReadingSession

MAX_BODY_BYTES = 4 * 1024 * 1024
_JSON = "application/json"
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _POLICY,
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
_STATUS_OF_ERRORS: tuple[tuple[type[Exception], int], ...] = (
    (Conflict, 409),
    (EditRefused, 409),
    (DataRefused, 422),
    (ValidationError, 422),
    (OSError, 507),
)


def create_workbench(session: ReadingSession, place: WorkbenchPlace) -> Flask:
    """The workbench of one reading."""
    app = guarded_app(place)
    _add_views(app, session)
    return app


class ToDecide(Protocol):
    """Two sides that differ, of which one is taken each time, with a reason."""

    @property
    def title(self) -> str: ...
    @property
    def sides(self) -> tuple[str, str]: ...
    @property
    def decisions(self) -> Mapping[str, Mapping[str, str]]: ...
    def state(self) -> Mapping[str, Any]:
        """All that differs, and what was decided."""

    def decide(self, key: str, taken: str, reason: str) -> None:
        """Takes one side. Raises ``Conflict``."""


def create_settling(both: ToDecide, place: WorkbenchPlace) -> Flask:
    """The page on which two readings, or two data sets, are made into one."""
    app = guarded_app(place)

    @app.get("/<token>/")
    def page() -> str:
        return render_template("settle.html", title=both.title, sides=both.sides)

    @app.get("/<token>/state")
    def state() -> Response:
        return jsonify(both.state())

    @app.post("/<token>/decide")
    def decide() -> Response:
        asked = object_of(request.get_json())
        both.decide(*(str(asked.get(key)) for key in ("key", "taken", "reason")))
        return jsonify(decisions=both.decisions)

    return app


def guarded_app(place: WorkbenchPlace) -> Flask:
    """An application that answers requests to its own place alone, and writes JSON only."""
    app = Flask(__name__, static_url_path="/<token>/static")
    app.config["MAX_CONTENT_LENGTH"] = MAX_BODY_BYTES
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    app.before_request(lambda: _admit(place))
    app.after_request(_with_headers)
    app.url_value_preprocessor(lambda _, values: values and values.pop("token", None))
    app.url_defaults(lambda _, values: values.setdefault("token", place.token))
    for error, status in _STATUS_OF_ERRORS:
        app.register_error_handler(error, _refusal(status))
    app.register_error_handler(HTTPException, _http_refusal)
    return app


def _admit(place: WorkbenchPlace) -> None:
    """Lets nobody in but the page that this workbench gave out, at the address it gave out.

    A page of somebody else can neither know the token, nor pass for this host
    (DNS rebinding), nor send JSON without asking first (CORS).
    """
    hosts = {f"{host}:{place.port}" for host in ("127.0.0.1", "localhost")}
    if request.host not in hosts:
        abort(421, "The workbench answers on 127.0.0.1 alone")
    token = request.path.lstrip("/").partition("/")[0]
    if not secrets.compare_digest(token.encode(), place.token.encode()):
        abort(403, "Open the address that `policy-claims curate` printed, with its token")
    if request.method == "POST":
        if request.headers.get("Origin", f"http://{request.host}") != f"http://{request.host}":
            abort(403, "Requests of other pages are refused")
        if request.mimetype != _JSON:
            abort(415, f"The body has to be {_JSON}")


def _with_headers(response: Response) -> Response:
    response.headers.update(_HEADERS)
    return response


def _refusal(status: int) -> Callable[[Exception], tuple[Response, int]]:
    def refuse(error: Exception) -> tuple[Response, int]:
        return jsonify(message=_message(error), faults=_faults(error)), status

    return refuse


def _message(error: Exception) -> str:
    if isinstance(error, OSError):
        reason = error.strerror or str(error)
        return (
            f"It could not be written ({reason}). Nothing is lost: the file is as it was, and what "
            "you typed stands here. Make room, and keep it again"
        )
    if isinstance(error, DataRefused):
        return "; ".join(str(fault) for fault in error.faults)
    return "It is not complete" if isinstance(error, ValidationError) else str(error)


def _faults(error: Exception) -> list[dict[str, Any]]:
    if not isinstance(error, ValidationError):
        return []
    breaches = flatten(error.messages, error.data)
    return [
        {"steps": list(steps), "found": shown(value), "allowed": allowed}
        for steps, value, allowed in breaches
    ]


def _http_refusal(error: HTTPException) -> tuple[Response, int]:
    return jsonify(message=error.description, faults=[]), error.code or 500


def _add_views(app: Flask, session: ReadingSession) -> None:
    @app.get("/<token>/")
    def page() -> str:
        return render_template("workbench.html", document=session.document, session=session)

    @app.get("/<token>/state")
    def state() -> Response:
        return jsonify(page_state(session))

    @app.post("/<token>/check")
    def check() -> Response:
        unit = _unit(object_of(request.get_json()).get("unit"))
        return jsonify(faults=[fault.as_json() for fault in session.check(unit)])

    @app.post("/<token>/units")
    def units() -> Response:
        asked = object_of(request.get_json())
        removed, added = _list(asked, "remove"), _list(asked, "add")
        return jsonify(session.splice(list(map(str, removed)), list(map(_unit, added))))

    @app.post("/<token>/finished")
    def finished() -> Response:
        wanted = object_of(request.get_json()).get("finished") is True
        session.finish(wanted)
        return jsonify(finished=wanted)

    @app.post("/<token>/records/<vocabulary>")
    def records(vocabulary: str) -> Response:
        if vocabulary not in NEW_RECORDS:
            abort(404, "There is no such vocabulary")
        made = make_record(session, vocabulary, object_of(request.get_json()))
        return jsonify(named(vocabulary, session.add_record(vocabulary, made), new=True))


def object_of(body: Any) -> dict[str, Any]:
    """The object that a request has sent."""
    if not isinstance(body, dict):
        abort(400, "The body has to be an object")
    return body


def _list(body: dict[str, Any], key: str) -> list[Any]:
    value = body.get(key)
    if not isinstance(value, list):
        abort(400, f"{key} has to be a list")
    return value


def _unit(said: Any) -> dict[str, Any]:
    """A unit as the page sends it; what only the workbench tells of it is left out.

    A value of a claim that cannot stand in a reading is refused with its place.
    """
    if not isinstance(said, dict):
        abort(400, "A unit has to be an object")
    unit = {key: value for key, value in said.items() if key not in ("tag", "changed")}
    loaded: dict[str, Any] = UnitSchema().load({**unit, "changed": None})
    return loaded
