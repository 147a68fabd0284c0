"""The page of one record, without a browser: what it shows, keeps and writes."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
import requests

from schemas.records.change import CURATED, RecordKey
from schemas.records.vocabularies import VOCABULARIES
from service.compiler.pending import EditRefused
from service.curation.recording import Occurrence
from service.curation.workbench.lock import ReadingInUse, WorkbenchPlace
from service.curation.workbench.records.page import NEW, RecordPage, RecordTask, open_record
from service.curation.workbench.records.views import create_record_page
from service.curation.writers.proving import Proving
from service.curation.writers.session import Session
from tests.curating import DOCUMENT, Json, contents, given, records, run, with_claims
from tests.documentation import ROOT

pytestmark = pytest.mark.slow

WHY = "The council corrected it."
DAY = "2029-06-01"
PLACE = {"id": "ellery-sound", "name": "Ellery Sound", "country": "NO"}


@pytest.fixture
def place(tmp_path: Path) -> Path:
    directory = with_claims(tmp_path / "ferries")
    added = run(
        *("add", "--kind", "place", "--from", given(tmp_path / "place.json", PLACE)),
        *("--fixtures", directory),
    )
    assert added.status == 0, added.err
    return directory


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    """Every page that a test has opened is closed after it."""
    yield
    while Opened.all:
        Opened.all.pop().lock.close()


class Opened:
    """The page of a record, and requests to it as a browser sends them."""

    all: ClassVar[list[Opened]] = []

    def __init__(self, place: Path, kind: str, identifier: str, what: str) -> None:
        task = RecordTask(RecordKey(kind, identifier), what, None)
        with Session(place, Occurrence(None, DAY)) as session:
            self.page: RecordPage
            self.page, self.lock = open_record(session, task, Proving(place / "documents"))
        self.all.append(self)
        self._client = create_record_page(self.page, WorkbenchPlace(8799, "t")).test_client()

    def state(self) -> Any:
        state: Any = self._client.get("/t/state", base_url="http://127.0.0.1:8799").json
        return state

    def send(self, path: str, body: Any) -> Any:
        return self._client.post(f"/t/{path}", json=body, base_url="http://127.0.0.1:8799")

    def faults(self, said: Json, *, typed: bool = False) -> list[tuple[str, str]]:
        found = self.send("check", {"said": said, "typed": typed}).json["faults"]
        return [(".".join(map(str, each["steps"])), each["severity"]) for each in found]

    def record(self, **keys: Any) -> Json:
        return {"record": {**self.state()["said"]["record"], **keys}, "reason": WHY}


def opened_in(place: Path, kind: str, what: str, number: int = 0) -> Opened:
    return Opened(place, kind, records(place, f"{kind}s")[number]["id"], what)


def curated(place: Path) -> dict[str, bytes]:
    """The files of a data set, but for what is still being edited."""
    found = contents(place)
    return {name: raw for name, raw in found.items() if not name.startswith("revising")}


KINDS = [kind for kind in CURATED if kind != "claim"]


@pytest.mark.parametrize("kind", KINDS)
def test_one_key_is_revised_and_nothing_else(place: Path, kind: str) -> None:
    before = curated(place)
    page = opened_in(place, kind, "revise")
    name_key = VOCABULARIES[f"{kind}s"].name_key
    answer = page.send("write", page.record(**{name_key: "Otherwise"}))
    assert answer.status_code == 200, answer.json
    assert answer.json["outcome"] == [1, None]
    after = curated(place)
    assert {name for name in after if after[name] != before.get(name)} == {
        f"{kind}s.json",
        "changes.json",
    }
    old, new = (each[f"{kind}s.json"].decode().splitlines() for each in (before, after))
    assert len(old) == len(new)
    assert sum(a != b for a, b in zip(old, new, strict=True)) == 1
    change = records(place, "changes")[-1]
    assert (change["change"], change["reason"], change["recorded_at"]) == ("revised", WHY, DAY)


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_that_a_person_decides_is_in_the_form(place: Path, kind: str) -> None:
    page = opened_in(place, kind, "revise")
    paths = {field["path"].partition(".")[0] for field in page.state()["form"]}
    written = {"id", "sha256", "length"}
    assert paths == set(CURATED[kind]().fields) - written


@pytest.mark.parametrize("kind", KINDS)
def test_what_was_not_changed_is_not_written(place: Path, kind: str) -> None:
    before = contents(place)
    for number in range(len(records(place, f"{kind}s"))):
        page = opened_in(place, kind, "revise", number)
        answer = page.send("write", page.record())
        assert (answer.status_code, answer.json["message"]) == (409, "Nothing was changed yet")
        page.lock.close()
    assert contents(place) == before


@pytest.mark.parametrize(
    ("keys", "steps"),
    [
        ({"name": None}, "record.name"),
        ({"kind": "hope"}, "record.kind"),
        ({"reliability": {"grade": "A"}}, "record.reliability.rationale"),
        ({"country": "Norway"}, "record.country"),
        ({"identifiers": [{"scheme": "wikidata"}]}, "record.identifiers.0.id"),
        ({"other_names": ["a", "a"]}, "record.other_names"),
    ],
)
def test_what_is_wrong_stands_at_its_place(place: Path, keys: Json, steps: str) -> None:
    before = curated(place)
    page = opened_in(place, "agent", "revise")
    said = page.record(**keys)
    assert steps in [step for step, _ in page.faults(said)]
    assert page.send("write", said).status_code == 409
    assert ("reason", "todo") in page.faults({"record": {}})
    assert page.faults({"record": [], "reason": WHY})
    assert curated(place) == before


def test_faults_between_records_refuse_what_is_written(place: Path) -> None:
    before = curated(place)
    page = Opened(place, "topic", "transport", "revise")
    answer = page.send("write", page.record(broader="ferries"))
    assert answer.status_code == 422
    assert "topics.json" in answer.json["message"]
    assert curated(place) == before


def test_a_record_that_others_refer_to_is_not_withdrawn(place: Path) -> None:
    page = Opened(place, "agent", "council-chair", "withdraw")
    assert page.state()["count"] > 0
    assert {each["kind"] for each in page.state()["named_by"]} == {"claim"}
    assert page.send("write", {"reason": WHY}).status_code == 422


@pytest.mark.parametrize(("kind", "identifier"), [("place", "ellery-sound"), ("claim", None)])
def test_a_record_is_withdrawn_with_a_reason(
    place: Path, kind: str, identifier: str | None
) -> None:
    named = {r["claim"] for claim in records(place, "claims") for r in claim.get("relations", ())}
    wanted = identifier or next(c["id"] for c in records(place, "claims") if c["id"] not in named)
    page = Opened(place, kind, wanted, "withdraw")
    assert page.faults({"reason": None}) == [("reason", "todo")]
    assert page.send("write", {"reason": WHY}).json["outcome"] == [1, None]
    assert wanted not in [each["id"] for each in records(place, f"{kind}s")]
    assert records(place, "changes")[-1]["change"] == "withdrawn"


def test_what_refers_to_a_replaced_record_refers_to_the_other_one(place: Path) -> None:
    twin = {**records(place, "agents")[0], "id": "maren-oduvald"}
    source = given(place.parent / "twin.json", twin)
    assert run("add", "--kind", "agent", "--from", source, "--fixtures", place).status == 0
    page = Opened(place, "agent", "council-chair", "supersede")
    count = page.state()["count"]
    said = {"how": "there", "by": "maren-oduvald", "reason": WHY}
    assert page.faults({**said, "by": None}) == [("by", "todo")]
    assert page.faults({**said, "by": "council-chair"}) == [("by", "error")]
    answer = page.send("write", said)
    assert answer.status_code == 200, answer.json
    assert answer.json["outcome"] == [count + 1, "maren-oduvald"]
    page.lock.close()
    assert "council-chair" not in json.dumps([records(place, n) for n in ("agents", "claims")])
    assert run("check", "--fixtures", place).status == 0
    assert run("verify", "--fixtures", place, "--documents", place / "documents").status == 0


@pytest.mark.parametrize("kind", ["agent", "topic", "occasion", "place"])
def test_a_new_record_takes_the_place_of_one(place: Path, kind: str) -> None:
    page = opened_in(place, kind, "supersede")
    name_key = VOCABULARIES[f"{kind}s"].name_key
    before = {each["id"] for each in records(place, f"{kind}s")}
    answer = page.send("write", {**page.record(**{name_key: "Quite another"}), "how": "new"})
    assert answer.status_code == 200, answer.json
    assert answer.json["outcome"][1] == "quite-another"
    after = {each["id"] for each in records(place, f"{kind}s")}
    assert after == before - {page.page.task.key.id} | {"quite-another"}
    assert run("check", "--fixtures", place).status == 0


MADE: dict[str, Json] = {
    "agent": {"name": "Old Ferry House", "kind": "organisation"},
    "topic": {"label": "Old Ferry House", "definition": "A house."},
    "occasion": {"name": "Old Ferry House", "dates": {"edtf": "2029", "basis": "stated"}},
    "place": {"name": "Old Ferry House"},
}


@pytest.mark.parametrize("kind", MADE)
def test_a_record_is_made_on_a_page(place: Path, kind: str) -> None:
    page = Opened(place, kind, NEW, "add")
    assert page.state()["said"]["record"] == {}
    assert {severity for _, severity in page.faults({"record": {}})} == {"todo"}
    assert page.send("write", {"record": {}}).status_code == 409
    assert page.faults({"record": MADE[kind]}) == []
    answer = page.send("write", {"record": MADE[kind]})
    assert answer.json["outcome"] == [1, "old-ferry-house"]
    made = records(place, f"{kind}s")[-1]
    assert made["id"] == "old-ferry-house"
    assert {key: made[key] for key in MADE[kind]} == MADE[kind]
    assert records(place, "changes")[-1]["change"] == "created"
    assert run("check", "--fixtures", place).status == 0


def test_a_document_is_replaced_by_one_that_is_there(place: Path) -> None:
    page = Opened(place, "document", DOCUMENT, "supersede")
    assert page.state()["form"] == []
    assert page.faults({"how": "there", "by": None, "reason": WHY}) == [("by", "todo")]


def test_what_is_typed_is_kept_until_it_is_written(place: Path) -> None:
    page = opened_in(place, "agent", "revise")
    page.faults(page.record(name="Typed so far"))
    assert not page.page.path.exists()
    page.faults(page.record(name="Typed so far"), typed=True)
    with pytest.raises(ReadingInUse):
        opened_in(place, "agent", "revise")
    page.lock.close()
    kept = page.page.path.read_bytes()
    for broken in (kept[:40], b"", b"[]", b'{"before": {}}'):
        page.page.path.write_bytes(broken)
        with pytest.raises(EditRefused, match="was broken: remove the file"):
            opened_in(place, "agent", "revise")
        assert page.page.path.read_bytes() == broken
    page.page.path.write_bytes(kept)
    again = opened_in(place, "agent", "revise")
    assert again.state()["said"]["record"]["name"] == "Typed so far"
    again.lock.close()
    mended = ("--from", given(place.parent / "mended.json", {"name": "Mended elsewhere"}))
    key = ("council-chair", "--kind", "agent", "--reason", WHY)
    assert run("revise", *key, *mended, "--fixtures", place).status == 0
    with pytest.raises(EditRefused, match="remove the file to begin again"):
        opened_in(place, "agent", "revise")


def test_what_changed_meanwhile_is_not_written_over(place: Path) -> None:
    page = opened_in(place, "agent", "revise")
    mended = ("--from", given(place.parent / "mended.json", {"name": "Mended elsewhere"}))
    key = ("council-chair", "--kind", "agent", "--reason", WHY)
    assert run("revise", *key, *mended, "--fixtures", place).status == 0
    answer = page.send("write", page.record(name="Otherwise"))
    assert answer.status_code == 409
    assert "changed meanwhile" in answer.json["message"]
    assert records(place, "agents")[0]["name"] == "Mended elsewhere"


def test_a_full_disk_loses_nothing(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = curated(place)
    page = opened_in(place, "agent", "revise")
    said = page.record(name="Otherwise")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    for path, body in (("check", {"said": said, "typed": True}), ("write", said)):
        answer = page.send(path, body)
        assert (answer.status_code, "Make room" in answer.json["message"]) == (507, True)
    assert curated(place) == before
    monkeypatch.undo()
    assert page.send("write", said).status_code == 200


WRITTEN: dict[str, tuple[str, Json]] = {
    "add": ("", {"record": {"name": "Ellery"}}),
    "withdraw": ("ellery-sound", {}),
    "revise": ("ellery-sound", {"record": {"name": "Ellery", "country": "NO"}}),
    "supersede": ("ellery-sound", {"how": "new", "record": {"name": "Ellery"}}),
}


@pytest.mark.parametrize(
    ("what", "written"), [*((what, True) for what in WRITTEN), ("revise", False)]
)
def test_the_command_ends_with_what_is_written(place: Path, what: str, written: bool) -> None:
    before, (identifier, said) = curated(place), WRITTEN[what]
    reason = () if what == "withdraw" else ("--reason", WHY)
    which = ("--kind", "place") if what == "add" else (identifier,)
    count = 2 if what == "supersede" else 1  # it is made, and the other one retired
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "service.cli", what, *which),
            *(*reason, "--fixtures", str(place)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ,
    )
    assert process.stdout is not None
    address = next(line.split()[1] for line in process.stdout if line.startswith("Workbench: "))
    if written:
        answer = requests.post(f"{address}write", json={**said, "reason": WHY}, timeout=10)
        assert answer.json()["outcome"][0] == count
    else:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=30)
    told = f"{count} change(s) written" if written else "Stopped before it was written"
    assert (process.returncode, told in err) == (0 if written else 1, True), err
    assert not (place / "revising").exists()
    assert (curated(place) == before) is not written
    assert (out.split()[-1:] == ["ellery"]) is (what in ("add", "supersede"))
