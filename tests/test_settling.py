"""Two readings of one document made into one: what is equal is taken, the rest is decided."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from schemas.faults import DataRefused
from service import cli
from service.compiler.pending import EditRefused
from service.curation import readings
from service.curation.workbench.deciding.settling import Settlement
from service.curation.workbench.lock import WorkbenchPlace
from service.curation.workbench.opening import open_settlement
from service.curation.workbench.views import create_settling
from tests.reading_desk import Desk, claim_of, make_set

TEXT = "The port doubles its cranes.\n\nThe port closes its gate.\n\nThe port opens a school.\n"


def read_by(
    directory: Path, coder: str, change: Callable[[int, dict[str, Any]], dict[str, Any] | None]
) -> Path:
    """A finished reading of a coder: one claim a sentence, each changed by ``change``."""
    desk = Desk(directory, directory / "harbour.txt", coder)
    for number, unit in enumerate(desk.units()):
        words = TEXT[unit["start"] : unit["end"]]
        claim = change(number, claim_of(unit, kind="event", goal=None, statement=words))
        if claim is None:
            desk.keep(unit, decision="none", why="colour")
        else:
            kept = desk.keep(unit, decision="claim", claim=claim).json
            assert kept["units"][0]["decision"] == "claim", kept["faults"]
    assert desk.post("finished", {"finished": True}).status_code == 200
    desk.lock.close()
    return desk.session.path


def of_bob(number: int, claim: dict[str, Any]) -> dict[str, Any] | None:
    """Another kind and actor of the second claim, and none of the third."""
    if number == 1:
        return claim | {"kind": "context", "actors": ["zoe-martens"]}
    return claim if number == 0 else None


@pytest.fixture
def both(tmp_path: Path) -> tuple[Path, Path]:
    make_set(tmp_path, TEXT)
    return read_by(tmp_path, "ada", lambda _, claim: claim), read_by(tmp_path, "bob", of_bob)


def settlement_of(directory: Path, both: tuple[Path, Path]) -> Settlement:
    return open_settlement(directory, both, None)[0]


def test_only_differences_are_shown(tmp_path: Path, both: tuple[Path, Path]) -> None:
    settlement = settlement_of(tmp_path, both)
    assert settlement.equal == 1
    assert [each.path for each in settlement.differences] == ["kind", "actors", "unit"]
    for a, b in ((both[0], both[0]),):
        with pytest.raises(EditRefused, match="are by ada"):
            settlement_of(tmp_path, (a, b))


def test_records_are_shown_by_their_names(tmp_path: Path, both: tuple[Path, Path]) -> None:
    app = create_settling(open_settlement(tmp_path, both, None), WorkbenchPlace(8799, "t"))
    state = app.test_client().get("/t/state", base_url="http://127.0.0.1:8799").json
    assert state is not None
    (actors,) = (each for each in state["differences"] if "actors" in each["fields"])
    assert actors["a"]["part"] == "Port of Harbourton (port-of-harbourton)"
    assert actors["b"]["part"] == "Zoë Mårtens (zoe-martens)"


def test_decisions_that_were_broken_are_told(tmp_path: Path, both: tuple[Path, Path]) -> None:
    settlement = settlement_of(tmp_path, both)
    settlement.decide(settlement.differences[0].key, "a", "So.")
    (log,) = (tmp_path / "settled").iterdir()
    whole = log.read_bytes()
    for broken in (whole[:9], b"", b"[]", b'{"x": 1}'):
        log.write_bytes(broken)
        with pytest.raises(EditRefused, match="was broken"):
            settlement_of(tmp_path, both)
        assert log.read_bytes() == broken


def test_equal_readings_need_no_decision(tmp_path: Path, both: tuple[Path, Path]) -> None:
    same = json.loads(both[0].read_text(encoding="utf-8")) | {"coder": "cy"}
    path = both[0].with_name(both[0].name.replace(".ada.", ".cy."))
    readings.write(path, same)
    settlement = settlement_of(tmp_path, (both[0], path))
    assert settlement.differences == []
    assert settlement.reading({})["finished"]


def test_a_reading_is_shown_to_nobody_before_both_are_finished(
    tmp_path: Path, both: tuple[Path, Path]
) -> None:
    reading = json.loads(both[1].read_text(encoding="utf-8")) | {"finished": False}
    readings.write(both[1], reading)
    with pytest.raises(DataRefused, match="/finished: found false"):
        settlement_of(tmp_path, both)


def test_each_difference_is_decided_with_a_reason(
    tmp_path: Path, both: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    opened_both = open_settlement(tmp_path, both, None)
    settlement = opened_both.settlement
    app = create_settling(opened_both, WorkbenchPlace(8799, "t"))
    client = app.test_client()

    def decide(**said: str) -> Any:
        return client.post("/t/decide", json=said, base_url="http://127.0.0.1:8799")

    kind, actors, whole = (each.key for each in settlement.differences)
    assert decide(key=kind, taken="b", reason=" ").status_code == 409
    assert decide(key="something", taken="b", reason="So.").status_code == 409
    assert decide(key=kind, taken="b", reason="It is a standing fact.").status_code == 200
    half = readings.read(settlement.path)
    assert [unit["decision"] for unit in half["units"]] == ["claim", "todo", "todo"]
    assert not half["finished"]
    assert settlement_of(tmp_path, both).decisions[kind]["reason"] == "It is a standing fact."
    assert decide(key=actors, taken="a", reason="The port acts.").status_code == 200
    assert decide(key=whole, taken="b", reason="It is colour.").status_code == 200
    done = readings.read(settlement.path)
    assert done["finished"]
    assert [(u["claim"]["kind"], u["claim"]["actors"]) for u in done["units"]] == [
        ("event", ["port-of-harbourton"]),
        ("context", ["port-of-harbourton"]),
    ]
    where = ["--fixtures", str(tmp_path), "--documents", str(tmp_path)]
    assert cli.main(["add", str(settlement.path), *where]) == 0, capsys.readouterr()
