"""Strict scalars, lists and objects: the very JSON type, matched whole, nothing lenient."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest
from marshmallow import Schema, ValidationError

from schemas.fields import (
    Choice,
    Day,
    Number,
    Pattern,
    Printed,
    Text,
    TrueOrFalse,
    Whole,
    claim_id,
    document_id,
    slug,
)
from schemas.names import LanguageTag, Url
from schemas.patterns import FILE_NAME, MEDIA_FRAGMENT, MEDIA_TYPE, SHA256
from schemas.records.change import ChangeSchema
from schemas.records.claim import ClaimSchema, CuratedClaimSchema
from schemas.records.record import ListOf, ObjectOf, Record, curated
from schemas.records.vocabularies import (
    VOCABULARIES,
    AgentSchema,
    DocumentSchema,
    OccasionSchema,
    PlaceSchema,
    TopicSchema,
)
from tests.built import files_of
from tests.samples import GOAL_AT, REMOVED, dates, edited, sample
from tests.tables import each_row

WRONG_TYPES: list[Any] = [None, True, False, 0, 1, 1.0, [], ["a"], {}, {"a": 1}]
NO_VALUE = ["", " ", "\n", "\ud800", "\x00"]


def _words(text: str, *others: Any) -> list[Any]:
    """The words of a text, each a value of its own, and values that no word can be."""
    return [*text.split(), *others]


def _around(good: str) -> list[str]:
    """A value of a pattern with something beside it; a pattern is matched whole."""
    beside = (" {}", "{} ", "{}\n", "\n{}", "{}\r", "{}\x00", "{}\u200b", "{}\ud83d", "{0},{0}")
    return [form.format(good) for form in beside]


HASH = "0123456789abcdef" * 4
PAGE = "https://example.org"
FIELDS: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "text": (
        Text(5),
        ["a", "a b", "Zoë", "한국", "12345", "\U0001f600" * 5, "“…”"],
        [
            *("\n\t", "\u3000", "123456", "a\x07", "\x1b[0m", "a\x7f", "a\x85", "a\r\n"),
            *("\udfff", "a\udc00\ud800", "a\u2028b", "a\u2029", "a\ufffe", "\u200b\u00ad"),
        ],
    ),
    "printed": (
        Printed(5),
        ["a\r\nb", "a\tb", "\u202ea", "a\u2028b", "a\x07", "a\x00\ufffe"],
        ["\r\n\t", "123456", "\u00ad\u200b", "\udfff", "a\ud800"],
    ),
    "claim id": (
        claim_id(),
        ["clm_00000000", "clm_zyxwvtsr"],
        _words(
            """clm_0000000 clm_000000000 clm_0000000i clm_0000000l clm_0000000o clm_0000000u
            clm_0000000A CLM_00000000 doc_00000000 00000000 clm-00000000 clm_００00000 clm_""",
            *_around("clm_00000000"),
        ),
    ),
    "document id": (
        document_id(),
        ["doc_00000000", "doc_9pqrstvw"],
        _words("clm_00000000 doc_0000000u doc_000000000 doc_", *_around("doc_00000000")),
    ),
    "slug": (
        slug(),
        ["a", "kim-jong-un", "a" * 64, "wpk-plenary-2022-12", "e5", "a1-2"],
        _words(
            "A a--b -a a- a_b é １ a.b a/b - 0 007 1e5 2-1 0x1f 1-a",
            *("a b", "a" * 65, *_around("a")),
        ),
    ),
    "sha256": (
        Pattern(SHA256, "a hash"),
        [HASH, "0" * 64],
        [HASH[1:], HASH + "0", HASH.upper(), "g" * 64, "０" * 64, *_around(HASH)],
    ),
    "language": (
        LanguageTag(),
        _words(
            """en EN pt-BR en-gb zh-Hant-TW kok es-419 zh-cmn-Hans-CN de-CH-1996 sl-rozaj-biske
            hy-Latn-IT-arevela de-1901 en-u-ca-gregory en-a-bbb-x-a x-whatever i-klingon
            sgn-BE-FR art-lojban zh-min-nan qaa-Qaaa-QM-x-southern en-0-aa-b-bb""",
        ),
        _words(
            """e en_GB english en- -en en--GB ger-ü ｅn a-DE ar-a-aaa-b-bbb-a-ccc de-1996-1996 en-a
            en-x x x- i-nonsense en-GB-oed-x abcdefghi de-419-DE en-Latn-Latn""",
            *("en-" + "a" * 9, "en" + "-abcde1" * 20, *_around("en")),
        ),
    ),
    "url": (
        Url(),
        _words(
            f"""{PAGE} {PAGE}/a?b=c#d http://example.org HTTPS://EXAMPLE.ORG {PAGE}:8443/ {PAGE}:/
            {PAGE}?a/b?c {PAGE}/#/?x {PAGE}/%C3%BC {PAGE}/a//b;c=1,2/(d)!*'~$&+@: http://192.0.2.1/
            http://[2001:db8::1]:80/a https://user@example.org/ https://xn--mnchen-3ya.de/""",
        ),
        _words(
            """https:// https:///a https://:80/ ftp://example.org javascript:alert(1)
            //example.org example.org https://example.org/ü https://münchen.de/
            https://example.org:port/ https://[::g]/ https://[::1/ https://a]b/ https://[fe80::1%25a]/
            https://example.org/[a] https://example.org/%zz https://example.org/% https://a#b#c""",
            *(f"{PAGE}/{mark}" for mark in ' <>"{}|^`\\\x7f'),
            *(f"https://{mark}a.org" for mark in ' <>"{}|^`\\\x7f'),
            *(f"{PAGE}/?{mark}" for mark in '<>"{}|^`\\[]'),
            PAGE + "/" + "a" * 2001,
            *(pair for pair in _around(PAGE) if "," not in pair),
        ),
    ),
    "media type": (
        Pattern(MEDIA_TYPE, "a media type"),
        _words("text/html application/pdf image/svg+xml application/vnd.ms-excel audio/x-a"),
        _words("text /html text/ html text/html;charset=utf-8 text/html/a tëxt/a", *_around("a/b")),
    ),
    "media fragment": (
        Pattern(MEDIA_FRAGMENT, "a locator"),
        _words("page=3 t=12.5 t=npt:10,20 xywh=percent:1,2,3,4 t=10&xywh=1,2,3,4 id=a%20b"),
        [
            *_words("page 3 page= =3 #page=3 page=3& page=3&& page=ü PAGE=3 t=10%2 a=b#c"),
            *("page=3 4", "p=" + "1" * 199),
            *(pair for pair in _around("page=3") if "," not in pair),
        ],
    ),
    "number": (
        Number(),
        [0, -1, 1.0, 1.5, 10**14, 1e300, -0.5],
        ["1", 10**400, -(10**15), float("nan"), float("inf"), float("-inf"), "", 1 + 0j],
    ),
    "truth value": (TrueOrFalse(), [True, False], ["true", 0, 1, "", 1.0]),
    "file name": (
        Pattern(FILE_NAME, "a name"),
        [
            "a.txt",
            "전원회의-보도.txt",
            ".hidden",
            "...",
            "a b\n.txt",
            "a\\b",
            "-",
            " ",
            "\n",
            "a" * 255,
        ],
        _words("../a a/b / .. . /a a/", "a" * 256, "a\x00.txt", "\ud83d.txt"),
    ),
    "word": (
        Choice("low", "high"),
        ["low", "high"],
        _words("Low lo medium ｌｏｗ", *_around("low")),
    ),
    "grade": (
        Choice(1, 2, 3),
        [1, 2, 3],
        [4, -1, "1", 2.0, "one", float("nan"), float("inf")],
    ),
    "whole": (
        Whole(0, 100),
        [0, 1, 100],
        [-1, 101, 10**5000, "1", "１", 1.5, float("nan"), float("inf")],
    ),
    "day": (
        Day(),
        ["2024-02-29", "0001-01-01", "9999-12-31"],
        _words(
            """2023-02-29 2023-02-30 2023-04-31 2023-00-01 2023-13-01 2023-01-00 0000-01-01
            2023-W01-1 2023-001 20230101 2023-1-1 2023-01 2023 ２０２３-01-01 2023–01–01
            2023-01-01T00:00:00 +2023-01-01 12023-01-01""",
            *_around("2023-01-01"),
        ),
    ),
}
GOOD = [(name, value) for name, (_, values, _) in FIELDS.items() for value in values]
BAD = [
    (name, value)
    for name, (_, good, bad) in FIELDS.items()
    for value in (*bad, *WRONG_TYPES, *NO_VALUE)
    if not any(type(value) is type(taken) and value == taken for taken in (*good, 0, 1))
]


@each_row(("name", "value"), GOOD)
def test_a_value_is_taken_as_it_stands(name: str, value: object) -> None:
    loaded = FIELDS[name][0].deserialize(value)
    assert (type(loaded), loaded) == (type(value), value)


@each_row(("name", "value"), BAD)
def test_anything_else_is_refused_and_told_what_is_allowed(name: str, value: object) -> None:
    field = FIELDS[name][0]
    with pytest.raises(ValidationError) as refused:
        field.deserialize(value)
    assert refused.value.messages == [field.allowed]


@pytest.mark.parametrize(
    "make", [Text, Day, slug, claim_id, lambda **o: Whole(0, **o), lambda **o: Choice("a", **o)]
)
def test_null_is_taken_only_where_it_is_allowed_and_said_so(make: Any) -> None:
    assert make(allow_none=True).deserialize(None) is None
    assert "null" in make(allow_none=True).allowed
    assert "null" not in make().allowed


@pytest.mark.parametrize("value", [None, "a", {}, {"0": "a"}, 1, True])
def test_a_list_is_a_list(value: object) -> None:
    with pytest.raises(ValidationError) as refused:
        ListOf(slug()).deserialize(value)
    assert "list" in str(refused.value.messages)


@pytest.mark.parametrize("value", [[], ["a", "a"], ["a", "b", "a"]])
def test_a_list_may_need_items_and_forbid_repetition(value: list[str]) -> None:
    with pytest.raises(ValidationError) as refused:
        ListOf(slug(), minimum=1, unique=True).deserialize(value)
    assert "1 or more" in str(refused.value.messages)
    assert ListOf(slug()).deserialize(value) == value


def test_a_wrong_item_is_named_by_its_place() -> None:
    with pytest.raises(ValidationError) as refused:
        ListOf(slug()).deserialize(["a", "B", "c", 4])
    assert list(map(str, refused.value.messages_dict)) == ["1", "3"]


RECORDS: dict[str, tuple[type[Schema], int]] = {
    "documents": (curated(DocumentSchema), 0),
    "agents": (curated(AgentSchema), 0),
    "topics": (curated(TopicSchema), 1),
    "occasions": (curated(OccasionSchema), 0),
    "places": (curated(PlaceSchema), 1),
    "claims": (CuratedClaimSchema, GOAL_AT),
    "changes": (ChangeSchema, 0),
}
LOADERS = {kind: schema() for kind, (schema, _) in RECORDS.items()}
"""To make a schema takes longer than to load a record by it."""


def _objects(value: Any, pointer: str = "") -> list[tuple[str, dict[str, Any]]]:
    """Every object of a record with its JSON pointer."""
    if isinstance(value, list):
        return [pair for n, item in enumerate(value) for pair in _objects(item, f"{pointer}/{n}")]
    if not isinstance(value, dict):
        return []
    inner = [pair for key in value for pair in _objects(value[key], f"{pointer}/{key}")]
    return [(pointer, value), *inner]


PLACES = [
    (kind, pointer, key)
    for kind, (_, at) in RECORDS.items()
    for pointer, found in _objects(sample()[kind][at])
    for key in found
]


def _loads(kind: str, pointer: str, value: object) -> bool:
    try:
        LOADERS[kind].load(edited(sample()[kind][RECORDS[kind][1]], (pointer, value)))
    except ValidationError:
        return False
    return True


MEANT_BY_ABSENCE: tuple[object, ...] = (None, [], dates())


DEFAULTED = {("documents", "status"), ("documents", "text")}
"""Absent they mean "active" and "none"."""


@functools.cache
def required() -> list[tuple[str, str, str]]:
    """Keys that may be neither null nor empty: of the others, tests/test_absent_keys.py."""
    return [
        (kind, pointer, key)
        for kind, pointer, key in PLACES
        if (kind, key) not in DEFAULTED
        and not any(_loads(kind, f"{pointer}/{key}", value) for value in MEANT_BY_ABSENCE)
    ]


@functools.cache
def first_served(kind: str) -> Any:
    """The first record of a kind in the shipped data, as it is served."""
    return json.loads(files_of_shipped()[f"{kind}.ndjson"].splitlines()[0])


files_of_shipped = functools.cache(files_of)
COMPUTED = [
    *((kind, "/claim_count") for kind in VOCABULARIES),
    ("claims", "/sourced"),
    ("claims", "/related_from"),
    ("claims", "/independent_origins"),
    ("claims", "/confidence/attribution/score"),
    ("claims", "/confidence/content/score"),
    ("claims", "/dates/announced/earliest"),
    ("claims", "/dates/occurred/latest"),
    ("claims", "/goal/horizon/precision"),
    ("documents", "/published/earliest"),
    ("occasions", "/dates/precision"),
]


def _refused(kind: str, pointer: str, value: object) -> dict[Any, Any]:
    """The messages of one edit, from the object that the pointer leads into."""
    record = edited(sample()[kind][RECORDS[kind][1]], (pointer, value))
    with pytest.raises(ValidationError) as refused:
        LOADERS[kind].load(record)
    messages: dict[Any, Any] = refused.value.messages_dict
    for step in pointer.lstrip("/").split("/")[:-1]:
        assert len(messages) == 1
        messages = messages[int(step) if step.isdigit() else step]
    return messages


@each_row(("kind", "pointer", "key"), required)
def test_no_key_may_be_missing(kind: str, pointer: str, key: str) -> None:
    messages = _refused(kind, f"{pointer}/{key}", REMOVED)
    assert set(messages) == {key}
    assert "Missing" not in str(messages[key])  # but what is allowed there


@each_row(("kind", "pointer"), sorted({(kind, pointer) for kind, pointer, _ in PLACES}))
def test_an_unknown_key_is_refused_by_name(kind: str, pointer: str) -> None:
    for key in ("comment", "Id", "", "\ud800", "_schema"):
        assert set(_refused(kind, f"{pointer}/{key}", 1)) == {key}


@each_row(("kind", "pointer"), COMPUTED)
def test_what_the_build_computes_is_refused_from_a_curator(kind: str, pointer: str) -> None:
    key = pointer.rsplit("/", 1)[1]
    messages = _refused(kind, pointer, 1)
    assert set(messages) == {key}
    assert "computed" in str(messages)


@pytest.mark.parametrize(("meant", "typed"), [("statement", "statment"), ("about", "abuot")])
def test_a_near_miss_is_told_what_was_meant(meant: str, typed: str) -> None:
    assert meant in str(_refused("claims", f"/{typed}", 1)[typed])


@each_row(("kind", "pointer", "key"), PLACES)
def test_a_boolean_stands_nowhere_but_where_one_is_asked_for(
    kind: str, pointer: str, key: str
) -> None:
    """JSON's ``true`` is not 1."""
    if key == "elaborated":
        assert _loads(kind, f"{pointer}/{key}", False)
        return
    assert set(_refused(kind, f"{pointer}/{key}", True)) == {key}


@each_row("kind", RECORDS)
@each_row("record", [None, True, 1, "a", [], [{}]])
def test_a_record_is_an_object(kind: str, record: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        RECORDS[kind][0]().load(record)
    assert "an object" in str(refused.value.messages)


TEXTS = ["", " ", "a", "A b", "x" * 2001, "\ud800", "2023-13", "doc_00000000"]
ODD: list[Any] = [None, True, 0, 1, 2.0, 10**14, *TEXTS, [], [None], ["a", "a"], {}, {"id": "a"}]


def _pointers(value: Any, pointer: str = "") -> Iterator[str]:
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, found in inner:
        yield f"{pointer}/{key}"
        if isinstance(found, dict | list):
            yield from _pointers(found, f"{pointer}/{key}")


def _taken(load: Callable[[Any], Any], record: Any) -> Any:
    try:
        return load(record)
    except ValidationError:
        return "refused"


@pytest.mark.slow
@each_row(
    ("schema", "record"),
    lambda: [
        *((schema, sample()[kind][at]) for kind, (schema, at) in RECORDS.items()),
        (ClaimSchema, first_served("claims")),
        (DocumentSchema, first_served("documents")),
    ],
)
def test_the_short_way_takes_what_marshmallow_takes_and_nothing_else(
    schema: type[Record], record: Any
) -> None:
    """``Record.load`` asks marshmallow only where it found a fault; the two must agree."""
    short, whole = schema(), schema()
    refused = 0
    for place, pointer in enumerate((*_pointers(record), "/unknown")):
        odd = ODD[place % 2 :: 2]
        for value in (*odd, REMOVED) if pointer != "/unknown" else ODD:
            edit = edited(record, (pointer, value))
            by_marshmallow = _taken(partial(Schema.load, whole), edit)
            assert _taken(short.load_valid, edit) == by_marshmallow, (pointer, value)
            refused += by_marshmallow == "refused"
    assert refused > 50
    assert short.load_valid(record) == Schema.load(whole, record) == record


@pytest.mark.parametrize("kind", ["claims", *VOCABULARIES])
def test_no_key_of_a_served_record_may_be_absent(kind: str) -> None:
    schema = ClaimSchema if kind == "claims" else VOCABULARIES[kind].served
    record, load = first_served(kind), schema().load
    for pointer in _pointers(record):
        if not pointer.rpartition("/")[2].isdigit():
            assert _taken(load, edited(record, (pointer, REMOVED))) == "refused", pointer


def test_an_agent_has_each_other_name_once() -> None:
    assert set(_refused("agents", "/other_names", ["A", "A"])) == {"other_names"}


def test_what_was_sound_once_is_told_from_what_only_looks_like_it() -> None:
    class Inner(Record):
        number = Whole(1, allow_none=True)
        text = Text(5)

    class Outer(Record):
        inner = ObjectOf(Inner)

    schema = Outer()
    for _ in range(2):
        loaded = schema.load({"inner": {"text": "a", "number": 1}})
        assert list(loaded["inner"]) == ["number", "text"]
        loaded["inner"]["text"] = "changed by whoever has it"
    for wrong in ({"text": "a", "number": True}, {"text": "a"}, {"text": "a", "number": 1.0}):
        with pytest.raises(ValidationError):
            schema.load({"inner": wrong})
    assert schema.load({"inner": {"text": "a", "number": 1}}) == {
        "inner": {"number": 1, "text": "a"}
    }
