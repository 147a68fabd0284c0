"""The commands that write curated files: what they write, and that they write all of it or none."""

from __future__ import annotations

import copy
import difflib
import fcntl
import hashlib
import json
import os
import resource
import shutil
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest

from service.compiler import check_fixtures
from service.compiler.pending import PENDING, Edit, EditRefused
from tests.curating import (
    CLAIMS,
    DOCUMENT,
    FERRIES,
    TEXT,
    Json,
    contents,
    given,
    put_reading,
    reading_of,
    records,
    run,
    typed,
    with_claims,
    without_claims,
)

pytestmark = pytest.mark.slow

FIRST, SECOND, THIRD = (claim["id"] for claim in CLAIMS[:3])
ACCEPTED = ("--accept", "evidence-of-several-sentences:The quotation has two.")
WHY = ("--reason", "The council corrected it.")


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return with_claims(tmp_path / "ferries")


def changed_lines(before: bytes, after: bytes) -> int:
    """The lines that a diff shows."""
    lines = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return sum(line[0] in "+-" for line in lines)


def assert_sound(place: Path) -> None:
    found = run("verify", "--fixtures", place, "--documents", place / "documents")
    assert found.status == 0, found.out + found.err


# --- from nothing to claims ---------------------------------------------------------------------


def test_a_data_set_grows_by_commands_in_which_no_id_offset_or_hash_is_typed(
    tmp_path: Path,
) -> None:
    place, text = tmp_path / "new", tmp_path / "new" / "documents" / "ferries.txt"
    made = run("init", place, "--title", "Ferries", "--language", "en", "--licence", "CC0-1.0")
    assert made.status == 0, made.err
    text.parent.mkdir()
    text.write_bytes(TEXT.encode())
    day = ("--published", "2029-05-14?", "--basis", "external", "--note", "As the editors say.")
    added = run("add-document", text, *day, "--fixtures", place)
    assert added.status == 0, added.err
    document = added.out.strip()
    publisher = records(place, "documents")[0]["publisher"]
    agents = records(FERRIES, "agents")
    for kind, listed in {"agent": agents, "topic": records(FERRIES, "topics")}.items():
        source = given(tmp_path / "records.json", listed)
        assert run("add", "--kind", kind, "--from", source, "--fixtures", place).status == 0
    claims = json.loads(
        json.dumps([typed(claim) for claim in CLAIMS])
        .replace(DOCUMENT, document)
        .replace("publisher-of-ferries", publisher)
    )
    for claim in claims:
        claim["occasion"] = None
    source = given(tmp_path / "claims.json", claims)
    added = run("add", "--from", source, *ACCEPTED, "--fixtures", place)
    assert added.status == 0, added.err
    assert added.out.split() == [claim["id"] for claim in records(place, "claims")]
    assert_sound(place)
    changes = records(place, "changes")
    assert [change["seq"] for change in changes] == [*range(1, len(changes) + 1)]
    assert {change["change"] for change in changes} == {"created"}
    published = run("publish", tmp_path / "out", "--fixtures", place)
    assert published.status == 0, published.err


def test_a_data_set_is_made_once(tmp_path: Path) -> None:
    assert run("init", tmp_path / "one").status == 0
    before = contents(tmp_path / "one")
    again = run("init", tmp_path / "one")
    assert again.status == 1
    assert "has a data set already" in again.err
    assert contents(tmp_path / "one") == before
    assert "SPDX" in run("init", tmp_path / "two", "--licence", "none of it").err
    assert not (tmp_path / "two" / "dataset.json").exists()


@pytest.mark.parametrize("kind", ["agent", "topic", "occasion"])
def test_what_referred_to_a_replaced_record_refers_to_the_other_one(
    tmp_path: Path, kind: str
) -> None:
    place = with_claims(tmp_path / "ferries")
    for old in [each["id"] for each in records(place, f"{kind}s")]:
        record = next(each for each in records(place, f"{kind}s") if each["id"] == old)
        twin = {**record, "id": f"{old}-too"}
        source = given(tmp_path / "twin.json", twin)
        made = run("add", "--kind", kind, "--from", source, "--fixtures", place)
        assert made.status == 0, made.err
        which = ("supersede", old, "--kind", kind, "--by", twin["id"], "--reason", "The same.")
        done = run(*which, "--fixtures", place)
        assert done.status == 0, (old, done.err)
        left = [records(place, name) for name in ("claims", "documents", "agents", "topics")]
        assert f'"{old}"' not in json.dumps([*left, records(place, "occasions")])
    assert_sound(place)


def test_a_claim_that_named_both_names_the_other_one_once(tmp_path: Path) -> None:
    place = with_claims(tmp_path / "ferries")
    why = ("--reason", "One topic is enough.", "--fixtures", place)
    both = given(tmp_path / "topics.json", {"topics": ["ferries", "public-spending"]})
    assert run("revise", CLAIMS[0]["id"], "--from", both, *why).status == 0
    done = run("supersede", "ferries", "--by", "public-spending", *why)
    assert done.status == 0, done.err
    assert records(place, "claims")[0]["topics"] == ["public-spending"]
    assert_sound(place)


LICENCES = {
    "CC-BY-4.0": "CC-BY-4.0",
    "odbl-1.0": "ODbL-1.0",
    "MIT": "MIT",
    "LicenseRef-Quillhaven-1": "LicenseRef-Quillhaven-1",
    "NONSENSE": None,
    "CC-BY": "meant CC-BY-",
    "CC0": "meant CC0-1.0?",
    "and": None,
}
"""Each with what is recorded, or is said of it where it is none."""


@pytest.mark.parametrize(("licence", "told"), LICENCES.items())
def test_a_licence_is_one_of_the_spdx_list(tmp_path: Path, licence: str, told: str | None) -> None:
    made = run("init", tmp_path / "data", "--licence", licence)
    if told is None or told.startswith("meant"):
        assert made.status == 1
        assert "https://spdx.org/licenses" in made.err
        assert told is None or told in made.err
        assert not (tmp_path / "data").exists()
    else:
        assert made.status == 0, made.err
        assert json.loads((tmp_path / "data" / "dataset.json").read_bytes())["licence"] == told


TEXTS: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "is empty"),
    "blank": (b" \n\xc2\xa0\n", "is empty"),
    "a mark alone": ("\ufeff".encode(), "is empty"),
    "not UTF-8": (b"Caf\xe9 prices rise", "no text in UTF-8 (byte 3)"),
    "UTF-16": ("Prices rise".encode("utf-16"), "UTF-16"),
    "PDF": (b"%PDF-1.7 of prices", "PDF"),
    "binary": (b"\x7fELF\x00\x01\x02 prices", "binary"),
}


@pytest.mark.parametrize("name", TEXTS)
def test_what_is_no_text_is_no_document(name: str, place: Path, tmp_path: Path) -> None:
    raw, said = TEXTS[name]
    (tmp_path / "text.txt").write_bytes(raw)
    before = contents(place)
    asked = ("add-document", tmp_path / "text.txt", "--published", "2029", "--title", "A", *EN)
    refused = run(*asked, "--fixtures", place)
    assert (refused.status, refused.out) == (1, "")
    assert said in refused.err
    assert contents(place) == before


EN = ("--language", "en")


def test_a_text_of_more_than_50_megabytes_is_not_read(place: Path, tmp_path: Path) -> None:
    with (tmp_path / "text.txt").open("wb") as file:
        file.truncate(50_000_001)
    asked = ("add-document", tmp_path / "text.txt", "--published", "2029", *EN)
    assert "more than 50 MB" in run(*asked, "--fixtures", place).err


PECULIAR: dict[str, Callable[[str], str]] = {
    "CR LF": lambda text: text.replace("\n", "\r\n"),
    "byte order mark": lambda text: "\ufeff" + text,
    "NFC": lambda text: unicodedata.normalize("NFD", text),
}


@pytest.mark.parametrize("name", PECULIAR)
def test_a_text_is_normalised_when_asked_and_into_another_file(
    name: str, place: Path, tmp_path: Path
) -> None:
    plain = "Café prices rise\n\nThey rose.\n"
    path = tmp_path / "text.txt"
    path.write_bytes(raw := PECULIAR[name](plain).encode())
    asked = ("add-document", path, "--published", "2029", *EN, "--fixtures", place)
    as_it_is = run(*asked)
    assert as_it_is.status == 0
    assert name in as_it_is.err
    assert "--normalise" in as_it_is.err
    made = run(*asked, "--normalise")
    assert made.status == 0, made.err
    first, second = records(place, "documents")[1:]
    assert (first["file"], second["file"]) == ("text.txt", "text.normalised.txt")
    assert first["length"] == len(raw.decode())
    assert path.read_bytes() == raw
    assert (tmp_path / "text.normalised.txt").read_text("utf-8") == plain


def test_a_normalised_copy_is_there_only_if_it_is_added(place: Path, tmp_path: Path) -> None:
    """Its text may be there already, or its title or day be none."""
    same = tmp_path / "same.txt"
    same.write_bytes((place / "documents" / "ferries.txt").read_bytes().replace(b"\n", b"\r\n"))
    new = tmp_path / "new.txt"
    new.write_bytes(b"Prices rise\r\n\r\nThey rose.\r\n")
    before = contents(tmp_path)
    for path, day, language in ((same, "2029", "en"), (new, "9.3.2029", "en"), (new, "2029", "?")):
        asked = ("add-document", path, "--published", day, "--language", language, "--normalise")
        refused = run(*asked, "--fixtures", place)
        assert refused.status == 1
        assert refused.out == ""
        assert "it is the document" not in refused.err
        assert contents(tmp_path) == before


def test_a_document_that_names_no_publisher_has_one_of_its_own(place: Path, tmp_path: Path) -> None:
    for number in (1, 2):
        path = tmp_path / f"{number}.txt"
        path.write_text(f"Report {number}\n\nIt says so.\n")
        asked = ("add-document", path, "--published", "2029", *EN)
        assert run(*asked, "--fixtures", place).status == 0
    one, two = records(place, "documents")[1:]
    assert one["title"] == "Report 1"
    assert one["publisher"] != two["publisher"]
    kinds = {agent["id"]: agent["kind"] for agent in records(place, "agents")}
    assert kinds[one["publisher"]] == kinds[two["publisher"]] == "unnamed"
    assert run("check", "--fixtures", place).status == 0


def test_one_text_is_one_document_and_a_changed_one_another(place: Path, tmp_path: Path) -> None:
    same = run("add-document", place / "documents" / "ferries.txt", "--published", "2029", *EN,
               "--fixtures", place)  # fmt: skip
    assert f"{DOCUMENT} has this text already" in same.err
    (tmp_path / "ferries.txt").write_text(TEXT + "Corrected.\n")
    other = run("add-document", tmp_path / "ferries.txt", "--published", "2029", *EN,
                "--fixtures", place)  # fmt: skip
    assert f"relocate {DOCUMENT}" in other.err


# --- changes ------------------------------------------------------------------------------------


def test_to_mend_a_word_changes_a_line_and_writes_the_change(place: Path, tmp_path: Path) -> None:
    before = contents(place)
    patch = given(tmp_path / "p.json", {"goal": {"details": "Half of the delays of today."}})
    done = run("revise", FIRST, "--from", patch, *WHY, "--fixtures", place)
    assert done.status == 0, done.err
    after = contents(place)
    assert {name for name in after if after[name] != before[name]} == {
        "claims.json",
        "changes.json",
    }
    assert changed_lines(before["claims.json"], after["claims.json"]) == 4  # with its number
    assert after["changes.json"].startswith(before["changes.json"].rstrip(b"]\n"))
    change = records(place, "changes")[-1]
    assert change["previous"] == CLAIMS[0]
    assert (change["revision"], change["reason"]) == (2, WHY[1])
    (claim,) = (each for each in records(place, "claims") if each["id"] == FIRST)
    assert [*claim] == [*CLAIMS[0]], "the keys keep their order"
    assert (claim["revision"], claim["recorded_at"]) == (2, change["recorded_at"])
    assert_sound(place)


def test_a_file_in_any_layout_keeps_it(place: Path, tmp_path: Path) -> None:
    lines = ",\n ".join(json.dumps(claim, ensure_ascii=False) for claim in CLAIMS)
    (place / "claims.json").write_text(f"[{lines}]")
    patch = given(tmp_path / "p.json", {"goal": {"details": "Half of the delays of today."}})
    before = (place / "claims.json").read_bytes()
    assert run("revise", FIRST, "--from", patch, *WHY, "--fixtures", place).status == 0
    assert changed_lines(before, (place / "claims.json").read_bytes()) <= 4
    added = run("add", "--from", given(tmp_path / "c.json", typed_anew()), "--fixtures", place)
    assert added.status == 0, added.err
    assert len((place / "claims.json").read_text().splitlines()) == len(CLAIMS) + 1


def typed_anew() -> Json:
    return {**typed(CLAIMS[0]), "statement": "Maren Oduvald pledged to halve delays by 2031."}


def test_records_by_line_stay_so(place: Path, tmp_path: Path) -> None:
    for name in ("claims", "changes"):
        lines = "".join(json.dumps(each) + "\n" for each in records(place, name))
        (place / f"{name}.ndjson").write_text(lines)
        (place / f"{name}.json").unlink()
    before = (place / "claims.ndjson").read_bytes().splitlines()
    patch = given(tmp_path / "p.json", {"goal": {"details": "Half of the delays of today."}})
    assert run("revise", FIRST, "--from", patch, *WHY, "--fixtures", place).status == 0
    added = run("add", "--from", given(tmp_path / "c.json", typed_anew()), "--fixtures", place)
    assert added.status == 0, added.err
    assert run("withdraw", added.out.strip(), *WHY, "--fixtures", place).status == 0
    after = (place / "claims.ndjson").read_bytes().splitlines()
    assert after[1:] == before[1:]
    assert not (place / "claims.json").exists()
    assert_sound(place)


def test_records_of_vocabularies_are_revised_and_withdrawn(place: Path, tmp_path: Path) -> None:
    patch = given(tmp_path / "p.json", {"other_names": ["chairwoman"], "identifiers": None})
    done = run("revise", "council-chair", "--from", patch, *WHY, "--fixtures", place)
    assert done.status == 0, done.err
    change = records(place, "changes")[-1]
    assert change["record"] == {"kind": "agent", "id": "council-chair"}
    assert (change["revision"], change["change"]) == (2, "revised")
    agent = given(tmp_path / "a.json", {"name": "Harbour Police", "kind": "government"})
    assert run("add", "--kind", "agent", "--from", agent, "--fixtures", place).out == (
        "harbour-police\n"
    )
    assert run("withdraw", "harbour-police", *WHY, "--fixtures", place).status == 0
    again = run("add", "--kind", "agent", "--from", agent, "--fixtures", place)
    assert again.out == "harbour-police-2\n", "an id is used once"
    cited = run("withdraw", "council-chair", *WHY, "--fixtures", place)
    assert cited.status == 1
    assert "claims.json /0/actors/0" in cited.err


def test_what_takes_the_place_of_a_claim_takes_its_relations(place: Path, tmp_path: Path) -> None:
    heir = given(tmp_path / "c.json", typed_anew())
    done = run("supersede", FIRST, "--from", heir, *WHY, "--fixtures", place)
    assert done.status == 0, done.err
    by = done.out.strip()
    claims = {claim["id"]: claim for claim in records(place, "claims")}
    assert FIRST not in claims
    assert claims[SECOND]["relations"][0]["claim"] == by
    (change,) = (c for c in records(place, "changes") if c["change"] == "superseded")
    assert (change["claim"], change["replaced_by"]) == (FIRST, by)
    assert_sound(place)
    assert f"replaced by {by}" in run("show", FIRST, "--fixtures", place).out


REFUSED: dict[str, tuple[tuple[str, ...], str]] = {
    "no such claim": (("withdraw", "clm_00000000"), "is the id of no record"),
    "a claim that others rest on": (("withdraw", FIRST), "/relations/0/claim"),
    "by itself": (("supersede", FIRST, "--by", FIRST), "is no other claim"),
    "by nothing": (("supersede", FIRST, "--by", "clm_00000000"), "is no other claim"),
    "no change": (("revise", FIRST, "--from", "{same}"), "already"),
    "another id": (("revise", FIRST, "--from", "{other}"), f"not of {FIRST}"),
    "several": (("revise", FIRST, "--from", "{list}"), "several records"),
    "a number": (("revise", FIRST, "--from", "{number}"), "written by the program"),
    "an unknown key": (("revise", FIRST, "--from", "{unknown}"), "meant kind"),
    "no JSON": (("revise", FIRST, "--from", "{broken}"), "JSON"),
    "not printed": (("revise", FIRST, "--from", "{cue}"), "cue-not-printed"),
    "no such document": (("relocate", "doc_00000000", "{same}"), "there is no document"),
}
FILES: dict[str, object] = {
    "same": {"kind": "goal"},
    "other": {**CLAIMS[1], "revision": 1},
    "list": [{}, {}],
    "number": {"revision": 7},
    "unknown": {"kid": "goal"},
    "cue": {
        "sources": [
            {"agent": "council-chair", "role": "speaker", "cue": "insisted"},
            {"agent": "publisher-of-ferries", "role": "publisher"},
        ]
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_meant_is_refused_and_nothing_is_written(
    name: str, place: Path, tmp_path: Path
) -> None:
    arguments, said = REFUSED[name]
    paths = {key: str(given(tmp_path / f"{key}.json", value)) for key, value in FILES.items()}
    paths["broken"] = str(tmp_path / "broken.json")
    Path(paths["broken"]).write_text("{")
    before = contents(place)
    found = run(*(each.format(**paths) for each in arguments), *WHY, "--fixtures", place)
    assert (found.status, found.out) == (1, "")
    assert said in found.err
    assert "Traceback" not in found.err
    assert contents(place) == before


@pytest.mark.parametrize("reason", ["", " ", "a\nb", "x" * 1001])
def test_a_reason_is_a_sentence(reason: str, place: Path) -> None:
    assert run("withdraw", FIRST, "--reason", reason, "--fixtures", place).status == 2


def test_which_data_set_is_written_is_said(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The shipped data is the default of what reads, and never of what writes."""
    monkeypatch.chdir(tmp_path)
    assert "--fixtures DIR" in run("withdraw", FIRST, *WHY).err
    monkeypatch.chdir(place)
    assert run("withdraw", CLAIMS[-1]["id"], *WHY).status == 0


# --- two data sets ------------------------------------------------------------------------------


def test_two_branches_that_each_add_a_claim_are_merged(place: Path, tmp_path: Path) -> None:
    other = with_claims(tmp_path / "other")
    source = given(tmp_path / "one.json", typed_anew())
    here = run("add", "--from", source, "--fixtures", place).out.strip()
    another = {**typed_anew(), "statement": "Maren Oduvald promised half the delays by 2031."}
    there = run("add", "--from", given(source, another), "--fixtures", other).out.strip()
    patch = given(tmp_path / "p.json", {"other_names": ["chairwoman"]})
    assert run("revise", "council-chair", "--from", patch, *WHY, "--fixtures", other).status == 0
    put_reading(other, reading_of(CLAIMS))
    assert run("merge", other, "--fixtures", place).status == 0
    ids = [claim["id"] for claim in records(place, "claims")]
    assert ids == [*(claim["id"] for claim in CLAIMS), here, there]
    assert check_fixtures(place)["agents"] == check_fixtures(other)["agents"]
    changes = records(place, "changes")
    assert [change["seq"] for change in changes] == [*range(1, len(changes) + 1)]
    assert (place / "readings" / f"{DOCUMENT}.ada.json").exists()
    assert_sound(place)
    before = contents(place)
    assert run("merge", other, "--fixtures", place).status == 0
    assert contents(place) == before, "a second time nothing comes"
    assert run("merge", place, "--fixtures", other).status == 0
    assert {claim["id"] for claim in records(other, "claims")} == {*ids}


def test_every_clash_is_named(place: Path, tmp_path: Path) -> None:
    other = with_claims(tmp_path / "other")
    for number, where in enumerate((place, other)):
        for identifier, patch in {
            FIRST: {"goal": {"details": f"Half of the delays, said {number}."}},
            "council-chair": {"other_names": [f"chair {number}"]},
        }.items():
            source = given(tmp_path / "p.json", patch)
            asked = ("revise", identifier, "--from", source, *WHY, "--fixtures", where)
            assert run(*asked).status == 0
    before = contents(place)
    found = run("merge", other, "--fixtures", place)
    assert found.status == 1
    assert f"claims.json /: found {FIRST}: goal is" in found.err
    assert "agents.json /: found council-chair: other_names is" in found.err
    assert contents(place) == before
    assert run("merge", other, "--keep-ours", "--fixtures", place).status == 0
    assert contents(place) == before


def test_what_is_wrong_with_the_other_data_set_is_told_as_its_own(
    place: Path, tmp_path: Path
) -> None:
    other = shutil.copytree(place, tmp_path / "other")
    (other / "topics.json").write_text('[{"id": "Not an id"}]')
    refused = run("merge", other, "--fixtures", place)
    assert refused.status == 1
    assert f"{other / 'topics.json'} /0/id" in refused.err
    assert "there is no such directory" in run("merge", "nowhere", "--fixtures", place).err


@pytest.mark.parametrize(
    "command",
    [
        ("add", "reading.json"),
        ("withdraw", "a-topic", "--reason", "It is none."),
        ("draft", "{text}", "--published", "2029"),
        ("curate", "{text}", "--coder", "jr"),
    ],
)
def test_a_data_set_that_is_not_there_is_told_in_one_line(
    command: tuple[str, ...], place: Path
) -> None:
    text = str(place / "documents" / "ferries.txt")
    refused = run(*(each.format(text=text) for each in command), "--fixtures", place / "none")
    assert refused.status == 1
    assert "there is no such directory: policy-claims init makes a data set" in refused.err
    assert len(refused.err.splitlines()) == 2


def test_a_full_disk_is_told_with_what_to_do(place: Path, tmp_path: Path) -> None:
    """As a limit on the size of files, which needs no file system of its own."""
    path = tmp_path / "text.txt"
    path.write_text("Prices rise\n\nThey rose.\n")
    before = contents(place)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
    try:
        asked = ("add-document", path, "--published", "2029", *EN)
        refused = run(*asked, "--fixtures", place)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert refused.status == 1
    assert "File too large" in refused.err
    assert "nothing was written: make room, and run it again" in refused.err
    assert contents(place) == before
    assert run(*asked, "--fixtures", place).status == 0


def test_two_strangers_are_merged(place: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    assert run("init", other, *EN).status == 0
    path = tmp_path / "note.txt"
    path.write_text("A note\n\nIt says so.\n")
    added = run("add-document", path, "--published", "2029", "--fixtures", other)
    assert run("merge", other, "--fixtures", place).status == 0
    assert records(place, "documents")[-1]["id"] == added.out.strip()
    assert run("check", "--fixtures", place).status == 0


# --- a changed document -------------------------------------------------------------------------


def test_unchanged_passages_are_found_in_a_changed_text(place: Path, tmp_path: Path) -> None:
    changed = "Corrected on 16 May.\n\n" + TEXT.replace("38.5 million", "39 million")
    path = place / "documents" / "ferries-2.txt"
    path.write_text(changed)
    done = run("relocate", DOCUMENT, path, *WHY, "--fixtures", place)
    assert done.status == 0, done.err
    new = done.out.split()[0]
    claims = {claim["id"]: claim for claim in records(place, "claims")}
    left = [name for name, c in claims.items() if c["evidence"][0]["document"] == DOCUMENT]
    budget = [c["id"] for c in CLAIMS if "38.5" in TEXT[slice(*spans(c))]]
    assert left == budget
    assert f"{budget[0]} rests on {DOCUMENT} as before: evidence 0" in done.out
    for claim in CLAIMS:
        if claim["id"] not in left:
            moved = claims[claim["id"]]
            assert changed[slice(*spans(moved))] == TEXT[slice(*spans(claim))]
            assert moved["evidence"][0]["document"] == new
    assert_sound(place)


def spans(claim: Json) -> tuple[int, int]:
    return claim["evidence"][0]["start"], claim["evidence"][0]["end"]


# --- all or nothing -----------------------------------------------------------------------------


def test_an_edit_by_hand_meanwhile_is_noticed(place: Path) -> None:
    with Edit(place) as edit:
        edit.note("changes.json")
        edit.write("claims.json", [b"[]\n"])
        edited = (place / "changes.json").read_text() + "\n"
        (place / "changes.json").write_text(edited)
        before = contents(place)
        with pytest.raises(EditRefused, match=r"changes\.json was changed by another program"):
            edit.decide()
    assert {n: c for n, c in before.items() if not n.startswith(".")} == contents(place)


def test_an_edit_by_hand_that_broke_a_file_is_told_and_left(place: Path) -> None:
    (place / "claims.json").write_text("[")
    before = contents(place)
    found = run("withdraw", FIRST, *WHY, "--fixtures", place)
    assert found.status == 1
    assert "claims.json" in found.err
    assert "nothing was written" in found.err
    assert contents(place) == before


def test_a_second_writer_waits_and_then_says_why(place: Path) -> None:
    with Edit(place), pytest.raises(EditRefused, match="another command works there"):
        Edit(place, patience=0.1).__enter__()


def test_two_writers_at_once_both_write(place: Path, tmp_path: Path) -> None:
    sources = []
    for number in range(4):
        claim = {**typed_anew(), "statement": f"Maren Oduvald pledged it, {'again ' * number}."}
        sources.append(given(tmp_path / f"{number}.json", claim))
    before = len(records(place, "claims"))
    pids = []
    for source in sources:
        pid = os.fork()
        if pid == 0:
            os._exit(run("add", "--from", source, "--fixtures", place).status)
        pids.append(pid)
    assert [os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in pids] == [0] * 4
    assert len(records(place, "claims")) == before + 4
    assert_sound(place)


def interrupted(place: Path, moved: int) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """An edit of two files that was decided, of which some are in their place: what was before,
    and what is to be.
    """
    before = contents(place)
    other = with_claims(place.parent / "other")
    source = given(place.parent / "anew.json", typed_anew())
    assert run("add", "--from", source, "--fixtures", other).status == 0
    after = contents(other)
    names = [name for name in after if after[name] != before[name]]
    with Edit(place) as edit:
        for name in names:
            edit.write(name, [after[name]])
        (place / PENDING).mkdir()
        digests = {name: hashlib.sha256(before[name]).hexdigest() for name in names}
        (place / PENDING / "before.json").write_text(json.dumps(digests))
        for number, name in enumerate(names):
            (edit.path / name).rename((place if number < moved else place / PENDING) / name)
    return before, after


@pytest.mark.parametrize("moved", [0, 1, 2])
def test_an_interrupted_edit_is_finished_by_whatever_reads_next(place: Path, moved: int) -> None:
    _, after = interrupted(place, moved)
    assert len(check_fixtures(place)["claims"]) == len(CLAIMS) + 1
    assert contents(place) == after


def test_where_nothing_may_be_written_an_interrupted_edit_is_read_as_decided(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupted(place, 1)

    def refused(*arguments: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "replace", refused)
    assert len(check_fixtures(place)["claims"]) == len(CLAIMS) + 1
    assert (place / PENDING).exists()


def test_an_edit_by_hand_after_an_interruption_is_not_overwritten(place: Path) -> None:
    interrupted(place, 1)
    name = next(path.name for path in (place / PENDING).iterdir() if path.name != "before.json")
    (place / name).write_text((place / name).read_text() + "\n")
    before = contents(place)
    found = run("check", "--fixtures", place)
    assert found.status == 1
    assert f"compare it with {PENDING}/{name}" in found.err
    assert contents(place) == before


def test_readers_wait_for_a_writer(place: Path) -> None:
    descriptor = os.open(place, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    done = threading.Event()

    def read() -> None:
        check_fixtures(place)
        done.set()

    thread = threading.Thread(target=read)
    thread.start()
    assert not done.wait(0.2)
    os.close(descriptor)
    thread.join(10)
    assert done.is_set()


def test_leftovers_of_a_killed_writer_are_swept(place: Path, tmp_path: Path) -> None:
    (place / ".edit-killed").mkdir()
    (place / ".edit-killed" / "claims.json").write_text("[")
    source = given(tmp_path / "c.json", copy.deepcopy(typed_anew()))
    assert run("add", "--from", source, "--fixtures", place).status == 0
    assert not [path for path in place.iterdir() if path.name.startswith(".")]


def test_an_empty_data_set_takes_the_first_claims(tmp_path: Path) -> None:
    place = without_claims(tmp_path / "ferries")
    source = given(tmp_path / "c.json", [typed(claim) for claim in CLAIMS])
    assert run("add", "--from", source, *ACCEPTED, "--fixtures", place).status == 0
    assert (place / "claims.json").read_text().startswith('[\n  {\n    "id": "clm_')
    assert_sound(place)
