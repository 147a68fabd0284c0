"""Changes that a program writes: those that are missing, and those that lead back."""

import copy
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.records.change import as_curated
from service import cli
from service.compiler.publish import publish
from service.store.dataset_format import current
from service.store.tantivy.store import open_store
from tests import records
from tests.lives import KINDS, Curator, Json
from tests.samples import write
from tests.test_continuation import Follower, events, lived, served
from tests.wire import app_of

pytestmark = pytest.mark.slow


def publish_directory(fixtures: Path, out: Path) -> Any:
    publish(fixtures, out)
    place = current(out)
    assert place is not None
    return app_of(open_store(place)).test_client()


def words(records: dict[Any, Json]) -> list[list[Any]]:
    """What records say, whatever their ids, revisions and days are."""
    apart = ("id", "revision", "recorded_at")
    said = [
        {key: v for key, v in record.items() if key not in apart} for record in records.values()
    ]
    return sorted([[str(key), str(value)] for key, value in record.items()] for record in said)


@pytest.fixture
def places(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "fixtures", tmp_path / "out"


edits = st.lists(
    st.tuples(st.sampled_from(KINDS), st.sampled_from(("created", "reworded", "removed"))),
    max_size=8,
)


def edit(curator: Curator, made: Sequence[tuple[str, str]]) -> None:
    """What a person does who knows nothing of changes."""
    for kind, what in made:
        known = len(curator.changes)
        free = curator.free(kind)
        if what == "created" or not free:
            curator.create(kind)
        elif what == "reworded":
            before = curator.records[kind][free[0]]
            curator.revise(kind, free[0])
            for key in {"revision", "recorded_at"} & before.keys():
                curator.records[kind][free[0]][key] = before[key]
        else:
            del curator.records[kind][free[0]]
        del curator.changes[known:]


@settings(max_examples=8, deadline=None)
@given(before=events, made=edits)
def test_whatever_was_edited_is_recorded_and_can_be_published(
    before: Any, made: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("recorded")
    fixtures, out = home / "fixtures", home / "out"
    curator = Curator()
    lived(curator, before)
    write(curator.data(), fixtures)
    follower = Follower(publish_directory(fixtures, out))
    edit(curator, made)
    wanted = {(kind, i): r for kind in KINDS for i, r in curator.records[kind].items()}
    write(curator.data(), fixtures)
    arguments = ["--fixtures", str(fixtures), "--datasets", str(out)]
    assert cli.main(["record", *arguments, "--reason", "It was wrong."]) == 0
    client = publish_directory(fixtures, out)
    follower.follow(client)
    assert follower.held == served(client)
    assert follower.held.keys() == wanted.keys()
    assert words(follower.held) == words({k: as_curated(r, k[0]) for k, r in wanted.items()})
    recorded = client.get("/v1/changes").get_json()["meta"]["total"]
    assert cli.main(["record", *arguments, "--reason", "It was wrong."]) == 0
    again = publish_directory(fixtures, out).get("/v1/changes").get_json()["meta"]["total"]
    assert again == recorded, "what is recorded is not recorded twice"


@settings(max_examples=8, deadline=None)
@given(before=events, after=events)
def test_a_rollback_leads_back_to_the_records_of_then_by_changes(
    before: Any, after: Any, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """But for the ids of what was retired meanwhile: those are used up."""
    home = tmp_path_factory.mktemp("rollback")
    fixtures, out = home / "fixtures", home / "out"
    curator = Curator()
    lived(curator, before)
    client = publish_directory(write(curator.data(), fixtures), out)
    follower, then = Follower(client), served(client)
    version = client.get("/v1/dataset").get_json()["data"]["version"]
    retired = dict(curator.retired)
    lived(curator, after)
    client = publish_directory(write(curator.data(), fixtures), out)
    follower.follow(client)
    arguments = [version, "--fixtures", str(fixtures), "--datasets", str(out)]
    assert cli.main(["rollback", *arguments]) == 0
    client = publish_directory(fixtures, out)
    now = served(client)
    assert words(now) == words(then)
    gone = {key for key in curator.retired if key not in retired and key in then}
    assert then.keys() - now.keys() == gone
    follower.follow(client)
    assert follower.held == now


def test_a_rollback_says_which_ids_are_others_and_takes_references_along(
    places: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    fixtures, out = places
    curator = Curator()
    agent, document = curator.create("agent"), curator.create("document")
    curator.records["document"][document] |= {"publisher": agent}
    made = copy.deepcopy(curator)
    publish_directory(write(curator.data(), fixtures), out)
    place = current(out)
    assert place is not None
    made.revise("document", document)
    made.records["document"][document]["publisher"] = "gazette"
    made.retire("agent", agent, None)
    publish_directory(write(made.data(), fixtures), out)
    capsys.readouterr()
    arguments = ["rollback", place.name, "--fixtures", str(fixtures), "--datasets", str(out)]
    assert cli.main([*arguments, "--reason", "The press council was wrong."]) == 0
    assert f"{agent} was retired since" in capsys.readouterr().out
    client = publish_directory(fixtures, out)
    named = client.get(f"/v1/documents/{document}").get_json()["data"]["publisher"]
    assert named["id"] == f"{agent}-2"
    changes = client.get(f"/v1/documents/{document}/history").get_json()["data"]
    assert [change["change"] for change in changes] == ["created", "revised", "revised"]
    assert changes[-1]["reason"] == "The press council was wrong."
    assert client.get(f"/v1/agents/{agent}").status_code == 410


def test_a_rollback_takes_relations_between_claims_along(places: tuple[Path, Path]) -> None:
    fixtures, out = places
    curator = Curator()
    target, source = curator.create("claim"), curator.create("claim")
    curator.records["claim"][source]["relations"] = [records.relation("details", target)]
    made = copy.deepcopy(curator)
    publish_directory(write(curator.data(), fixtures), out)
    place = current(out)
    assert place is not None
    made.revise("claim", source)
    made.records["claim"][source]["relations"] = []
    made.retire("claim", target, None)
    publish_directory(write(made.data(), fixtures), out)
    arguments = ["rollback", place.name, "--fixtures", str(fixtures), "--datasets", str(out)]
    assert cli.main(arguments) == 0
    client = publish_directory(fixtures, out)
    (relation,) = client.get(f"/v1/claims/{source}").get_json()["data"]["relations"]
    assert relation["claim"] != target
    said = client.get(f"/v1/claims/{relation['claim']}").get_json()["data"]["statement"]
    assert said == curator.records["claim"][target]["statement"]


def test_changes_of_large_fixtures_are_written_by_line(places: tuple[Path, Path]) -> None:
    fixtures, out = places
    curator = Curator()
    publish_directory(write(curator.data(), fixtures), out)
    (fixtures / "changes.json").unlink()
    (fixtures / "changes.ndjson").write_bytes(b"")
    edit(curator, [("claim", "created")])
    (fixtures / "changes.ndjson").write_text(
        "".join(f"{line}\n" for line in map(json.dumps, curator.changes)), encoding="utf-8"
    )
    claims = json.dumps(curator.data()["claims"])
    (fixtures / "claims.json").write_text(claims, encoding="utf-8")
    arguments = ["--fixtures", str(fixtures), "--datasets", str(out), "--reason", "It was missing."]
    assert cli.main(["record", *arguments]) == 0
    assert not (fixtures / "changes.json").exists()
    client = publish_directory(fixtures, out)
    assert client.get("/v1/changes").get_json()["meta"]["total"] == len(curator.changes) + 1


REFUSED = {
    "a version that is not kept": (["rollback", "0" * 16], 1, "0" * 16),
    "a version that is a path": (["rollback", "../x"], 2, "is no version"),
    "no reason": (["record"], 2, "--reason"),
    "an empty reason": (["record", "--reason", " "], 2, "a reason is"),
    "nothing published": (["record", "--reason", "A slip."], 1, "nothing was published"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_command_that_cannot_be_meant_says_why(
    name: str, places: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    arguments, status, said = REFUSED[name]
    fixtures, out = places
    write(Curator().data(), fixtures)
    out.mkdir()
    if arguments[0] == "rollback":
        publish(fixtures, out)
    before = {path: path.read_bytes() for path in fixtures.iterdir()}
    try:
        found = cli.main([*arguments, "--fixtures", str(fixtures), "--datasets", str(out)])
    except SystemExit as ended:
        found = int(ended.code or 0)
    assert found == status
    assert said in capsys.readouterr().err
    assert {path: path.read_bytes() for path in fixtures.iterdir()} == before
