"""The rules of the codebook as a program: what is sound breaks none, what is damaged does.

The claims of ``tests/fixtures/ferries`` are about an invented text, which lies beside them. Those
that ship are held to their documents where these are at hand: in ``CLAIMS_DOCUMENTS``, or in
``../shared/documents`` beside the repository.
"""

from __future__ import annotations

import copy
import functools
import hashlib
import json
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from schemas.records.claim import CuratedClaimSchema
from schemas.records.vocabularies import VOCABULARIES
from service.compiler import SHIPPED
from service.curation.rules import RULES, Finding, Rules
from service.curation.rules.quotations import CLOSERS, EITHER_WAY, is_quoted, quotations
from service.curation.rules.words import cuts_word
from tests.mutations import HARD_WAYS, WAYS, Sound, Way, damaged
from tests.samples import edited
from tests.tables import each_row
from tests.test_fixtures import DOCUMENTS

FERRIES = Path(__file__).resolve().parent / "fixtures" / "ferries"
FOUND, REFUSED = 430 / 443, 345 / 443
"""The least shares of damaged claims that are found, and of those found beyond doubt."""

Record = dict[str, Any]
Breach = tuple[str, str, str]


def read(fixtures: Path, documents: Path) -> Sound:
    """The claims of a directory; those of the first edition say less, and are as sound."""
    names = (*VOCABULARIES, "claims")
    paths = {name: fixtures / f"{name}.json" for name in names}
    records = {
        name: json.loads(path.read_bytes()) if path.exists() else [] for name, path in paths.items()
    }
    known = {name: {record["id"]: record for record in records[name]} for name in VOCABULARIES}
    texts = {
        name: (documents / record["file"]).read_bytes().decode()
        for name, record in known["documents"].items()
    }
    load = CuratedClaimSchema().load
    return Sound([load(claim) for claim in records["claims"]], known, texts)


@functools.cache
def sound(name: str) -> Sound:
    if name == "ferries":
        return read(FERRIES, FERRIES)
    try:
        return read(SHIPPED, DOCUMENTS)
    except FileNotFoundError as error:
        pytest.skip(
            f"{Path(error.filename).name} is not in {DOCUMENTS}: set CLAIMS_DOCUMENTS to hold the "
            "shipped claims to their documents"
        )


def findings(data: Sound, claim: Record | None = None) -> list[Finding]:
    """What breaks a rule in a data set, or once a claim takes the place of that with its id."""
    rules, found = Rules(data.known, data.texts.get), list[Finding]()
    for place, each in enumerate(data.claims):
        if claim is None or each["id"] == claim["id"]:
            found += rules.check(place, claim or each)
        else:
            rules.note(place, each)
    return found + [finding for _, finding in rules.between()]


def named(found: list[Finding]) -> Counter[Breach]:
    return Counter((each.claim, each.rule.name, each.rule.severity) for each in found)


def new_findings(data: Sound, claim: Record) -> Counter[Breach]:
    """What a damaged claim breaks that the sound one does not."""
    return named(findings(data, claim)) - named(findings(data))


def refused_by_schema(claim: Record) -> bool:
    try:
        CuratedClaimSchema().load(claim)
    except ValidationError:
        return True
    return False


# --- sound claims -------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ferries", "shipped"])
def test_no_sound_claim_is_an_error(name: str) -> None:
    found = [each for each in findings(sound(name)) if each.rule.refuses]
    assert not found


def test_no_shipped_claim_is_warned_of() -> None:
    assert not [each for each in findings(sound("shipped")) if not each.rule.refuses]


# --- damaged claims -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["ferries", "shipped"])
def test_damaged_claims_are_found(
    name: str, record_property: Callable[[str, object], None]
) -> None:
    """The table of damages: for each way how many, how many errors, how many warnings."""
    data, table = sound(name), dict[str, tuple[int, int, int]]()
    before = named(findings(data))
    for way in WAYS:
        found = [named(findings(data, claim)) - before for claim in damaged(data, way)]
        worst = [min((severity for _, _, severity in each), default="none") for each in found]
        table[way.__name__] = len(worst), worst.count("error"), worst.count("warning")
    record_property("damages", table)
    made, errors, warnings = (sum(column) for column in zip(*table.values(), strict=True))
    assert made >= (440 if name == "shipped" else 100)
    assert errors + warnings >= FOUND * made, table
    assert errors >= REFUSED * made, table
    for way_name, (count, refused, warned) in table.items():
        assert count, way_name
        assert refused + warned >= 0.75 * count, way_name


@pytest.mark.parametrize("way", HARD_WAYS)
def test_half_of_what_takes_a_reader_to_tell_is_found(way: Way) -> None:
    data = sound("shipped")
    found = [bool(new_findings(data, claim)) for claim in damaged(data, way)]
    assert len(found) > 20
    assert sum(found) >= len(found) / 2


# --- each rule ----------------------------------------------------------------------------------

GOAL, HEADLINE, PURCHASE, PROMISE, ORDER = range(5)
COST, CHARGE, REMARK, REJECTION, COLLISION = range(5, 10)
TEXT = sound("ferries").texts["doc_ferr1es0"]
"""The place of each claim in the fixtures, and the text they are about."""


def date(edtf: str, basis: str = "stated", note: str | None = None) -> Record:
    return {"edtf": edtf, "basis": basis, "note": note}


def span(passage: str) -> list[tuple[str, Any]]:
    start = TEXT.index(passage)
    sha256 = hashlib.sha256(passage.encode()).hexdigest()
    values = {"start": start, "end": start + len(passage), "sha256": sha256}
    return [(f"/evidence/0/{key}", value) for key, value in values.items()]


def relation(type_: str, at: int) -> Record:
    return {"type": type_, "claim": sound("ferries").claims[at]["id"], "rationale": "It does."}


GIVEN = {"horizon": None, "specificity": "withheld", "details": None}
QUOTED = "four new ferries, all of them electric,"
BREAKS: dict[str, tuple[int, list[tuple[str, Any]]]] = {
    "announced-after-publication": (CHARGE, [("/dates/announced", date("2029-05-15"))]),
    "occurred-after-publication": (CHARGE, [("/dates/occurred", date("2029-05-15"))]),
    "occurred-after-announced": (
        CHARGE,
        [("/dates/announced", date("2029-05-12")), ("/dates/occurred", date("2029-05-13"))],
    ),
    "occurred-until-after-publication": (
        COLLISION,
        [("/dates/occurred", date("2029-05-12/2029-05-15"))],
    ),
    "horizon-before-announced": (GOAL, [("/goal/horizon", date("2028"))]),
    "forecast-of-the-past": (COST, [("/dates/refers_to", date("2028"))]),
    "refers-to-without-a-matter": (GOAL, [("/dates/refers_to", date("2031"))]),
    "external-without-doubt": (CHARGE, [("/dates/announced", date("2029-05-14", "external", "x"))]),
    "narrator-announced-otherwise": (COLLISION, [("/dates/announced", date("2029-05-13"))]),
    "evidence-with-outer-blanks": (
        CHARGE,
        span(" The Deckhands' Union accused the council of hiding".replace(" The", "\nThe")),
    ),
    "evidence-cuts-a-word": (CHARGE, span("Deckhands' Union accused the council of hid")),
    "evidence-too-short": (COLLISION, [*span("collision"), ("/statement", "Boats collided.")]),
    "evidence-of-several-sentences": (
        COLLISION,
        span(
            "The collision on 7 May, the third since 2026, damaged both boats and left eleven"
            " passengers hurt. Service to the outer islands was stopped for three days."
        ),
    ),
    "quotation-without-marks": (
        PURCHASE,
        [
            ("/quotes/0/text", QUOTED),
            ("/quotes/0/start", TEXT.index(QUOTED)),
        ],
    ),
    "quotation-outside-evidence": (REMARK, span("Its secretary, Joss Verhane, called the plan")),
    "quotation-not-recorded": (REMARK, [("/quotes", []), ("/attribution", "indirect")]),
    "quotation-in-narrated-evidence": (
        REJECTION,
        [*span("called the plan “a timetable without a crew.” Oduvald reportedly rejected that")],
    ),
    "cue-not-printed": (CHARGE, [("/sources/0/cue", "alleged")]),
    "cue-outside-evidence": (CHARGE, [("/sources/0/cue", "called")]),
    "hedge-outside-evidence": (CHARGE, [("/hedges", ["reportedly"])]),
    "hedge-not-recorded": (REJECTION, [("/hedges", [])]),
    "number-not-in-evidence": (COST, [("/statement", "The plan will cost 83.5 million crowns.")]),
    "number-word-not-in-evidence": (
        CHARGE,
        [("/statement", "The Deckhands' Union accused the council of seven things.")],
    ),
    "evidence-without-a-word-of-the-statement": (
        CHARGE,
        [("/statement", "Crews blame officials.")],
    ),
    "source-not-named": (CHARGE, [("/sources/0/agent", "outer-islands-radio")]),
    "high-without-a-named-source": (
        CHARGE,
        span("accused the council of hiding how often boats sail with too few hands."),
    ),
    "narrator-with-reported-speech": (
        CHARGE,
        [("/attribution", "narrator"), ("/sources", [sound("ferries").claims[0]["sources"][-1]])],
    ),
    "speaker-not-in-chain": (REMARK, [("/quotes/0/speaker", "council-chair")]),
    "narrator-with-quotation": (
        REMARK,
        [("/attribution", "narrator"), ("/sources", [sound("ferries").claims[0]["sources"][-1]])],
    ),
    "indirect-with-quotation": (REMARK, [("/attribution", "indirect")]),
    "direct-with-paraphrase": (PURCHASE, [("/evidence/0/fidelity", "paraphrase")]),
    "verbatim-without-quotation": (CHARGE, [("/evidence/0/fidelity", "verbatim")]),
    "inference-with-high-attribution": (CHARGE, [("/evidence/0/fidelity", "inference")]),
    "no-supporting-evidence": (CHARGE, [("/evidence/0/role", "contradicts")]),
    "goal-of-a-kind-without": (COST, [("/goal", GIVEN)]),
    "goal-of-an-unlikely-kind": (CHARGE, [("/goal", GIVEN)]),
    "directive-without-goal": (ORDER, [("/goal", None)]),
    "occasion-of-another-year": (REJECTION, [("/dates/occurred", date("2028-05"))]),
    "topic-with-its-ancestor": (CHARGE, [("/topics", ["seafarers", "labour"])]),
    "interested-judgement-graded-well": (CHARGE, [("/confidence/content/credibility", 2)]),
    "restates-another-kind": (CHARGE, [("/relations", [relation("restates", GOAL)])]),
    "supported-by-what-it-refutes": (REMARK, [("/relations", [relation("supports", CHARGE)])]),
    "supports-in-a-circle": (REMARK, [("/relations", [relation("supports", CHARGE)])]),
    "same-reason-another-grade": (PURCHASE, [("/confidence/content/credibility", 3)]),
    "like-clauses-dated-unlike": (CHARGE, [("/dates/occurred/edtf", "../2029-05-13")]),
}
BESIDE: dict[str, list[tuple[str, Any]]] = {
    "supported-by-what-it-refutes": [
        (f"/{CHARGE}/relations", [relation("refutes", REMARK)]),
    ],
    "supports-in-a-circle": [(f"/{CHARGE}/relations", [relation("supports", REMARK)])],
}
"""What the other claim says, of rules between two."""
ELSEWHERE = {"restates-another-document", "single-quotation-not-recorded"}
"""Rules that need another document, and have tests of their own."""


def test_each_rule_has_a_claim_that_breaks_it() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names)
    assert set(names) == BREAKS.keys() | ELSEWHERE


@each_row("name", BREAKS)
def test_a_broken_rule_is_named_with_its_claim(name: str) -> None:
    at, edits = BREAKS[name]
    data = sound("ferries")
    claims = edited(list(copy.deepcopy(data.claims)), *BESIDE.get(name, []))
    beside = Sound(claims, data.known, data.texts)
    claim = edited(claims[at], *edits)
    (rule,) = [rule for rule in RULES if rule.name == name]
    found = [each for each in findings(beside, claim) if each.rule is rule]
    assert claim["id"] in {each.claim for each in found}
    before = named(findings(data))
    assert named(findings(beside, claim)) - before != {}
    assert (claim["id"], name, rule.severity) not in before
    for each in found:
        line = each.line("claims.json", at)
        assert line.startswith(f"claims.json /{at}/")
        assert f"{each.claim}: {rule.severity}: " in line
        assert line.isprintable()


def test_the_documentation_lists_the_rules() -> None:
    page = (FERRIES.parents[2] / "docs" / "curated-files.md").read_text("utf-8")
    listed = re.findall(r"^\| `([a-z-]+)` \| (\w+) \| (error|warning) \|", page, re.MULTILINE)
    assert listed == [(rule.name, str(rule.number or "fields"), rule.severity) for rule in RULES]


# --- quotations ---------------------------------------------------------------------------------

STYLES = {
    "curly": "He said: “{}” and went.",
    "straight": 'He said: "{}" and went.',
    "single": "He said: ‘{}’ and went.",
    "straight single": "He said: '{}' and went.",
    "guillemets": "Il a dit: «{}» hier.",
    "spaced guillemets": "Il a dit: «\u00a0{}\u00a0» hier.",
    "inward guillemets": "Er sagte: »{}« und ging.",
    "low and high": "Er sagte: „{}“ und ging.",
    "one and the same": "Han sade: ”{}” och gick.",
    "corners": "他说「{}」后离开。",
    "without a blank before": "他说“{}”后离开。",
}
SAID = ("We won't go,", "Nobody", "the workers' day, and 3 more…", "[The] plan – all of it.")


@each_row("style", STYLES)
@each_row("said", SAID)
def test_a_quotation_is_found_between_marks_of_every_style(style: str, said: str) -> None:
    if "single" in style and "'" in said:
        said = said.replace("'", "")  # where such a one ends, nobody can tell
    text = STYLES[style].format(said)
    start = text.index(said)
    ((first, last, single),) = quotations(text)
    assert (first, last) == (start, start + len(said))
    assert single == ("single" in style)
    assert is_quoted(text, first, last)
    for start, end in ((first + 1, last), (first, last - 1), (first - 1, last), (first, last + 1)):
        assert not is_quoted(text, start, end) or text[start:end].strip() == said


@each_row(
    ("text", "expected"),
    [
        ("“One.\n\n“Two,” she said.", ["One.", "Two,"]),
        ('"One.\n\n"Two," she said.', ["One.", "Two,"]),
        ("“One.\n“Two.\n“Three.” End.", ["One.", "Two.", "Three."]),
        ("“A line\nbroken anywhere,” she said.", ["A line\nbroken anywhere,"]),
        ("“Never closed.\n\nThe text goes on.", []),
        ('The 90s\' end, the workers’ day, a 5" pipe and a 6" one.', []),
        ("“He said ‘no’ to us,” she said.", ["He said ‘no’ to us,"]),
        ("", []),
        ("“", []),
    ],
)
def test_paragraphs_left_open_and_apostrophes(text: str, expected: list[str]) -> None:
    found = quotations(text)
    assert [text[each.start : each.end] for each in found] == expected
    assert all(is_quoted(text, each.start, each.end) for each in found)


def test_words_between_two_quotations_are_none() -> None:
    for mark, closer in (("“", "”"), ('"', '"'), ("„", "“"), ("«", "»"), ("”", "”")):
        text = f"{mark}One,{closer} he said, {mark}two.{closer}"
        start = text.index(" he")
        assert not is_quoted(text, start, start + len(" he said, "))
        assert not is_quoted(text, 1, len(text) - 1)


WORDS = st.lists(
    st.sampled_from(("plan", "we’ll", "don't", "é", "7", "新しい")), min_size=1, max_size=6
)


@given(
    before=WORDS,
    said=WORDS,
    after=WORDS,
    mark=st.sampled_from([mark for mark in CLOSERS if mark not in "‘‚'"]),
)
def test_what_stands_between_marks_is_found_in_any_text(
    before: list[str], said: list[str], after: list[str], mark: str
) -> None:
    closer = mark if mark in EITHER_WAY and mark in CLOSERS[mark] else CLOSERS[mark][0]
    head, words = " ".join(before), " ".join(said)
    text = f"{head} {mark}{words}{closer} {' '.join(after)}"
    start = len(head) + 2
    assert [(q.start, q.end) for q in quotations(text)] == [(start, start + len(words))]
    assert is_quoted(text, start, start + len(words))


def test_a_single_quotation_that_is_not_recorded_is_a_warning() -> None:
    """Its end may be an apostrophe, so that there is doubt."""
    found = names_in("Rovers of ‘plenty’ came, he said.", statement="Rovers of plenty came.")
    assert found == {"single-quotation-not-recorded": "warning"}


def names_in(text: str, document: Record | None = None, **changes: Any) -> dict[str, str]:
    """The rules that a claim breaks whose evidence is the whole of a text."""
    data = sound("ferries")
    claim = copy.deepcopy(data.claims[CHARGE])
    claim["evidence"][0].update(start=0, end=len(text))
    claim["sources"][0]["cue"] = None
    record = {**data.known["documents"]["doc_ferr1es0"], **(document or {})}
    known = {**data.known, "documents": {"doc_ferr1es0": record}}
    agents = {**data.known["agents"]}
    agents["deckhands-union"] = {**agents["deckhands-union"], "other_names": ["he"]}
    alone = Sound([claim | changes], {**known, "agents": agents}, {"doc_ferr1es0": text})
    return {each.rule.name: each.rule.severity for each in findings(alone)}


# --- numbers and words --------------------------------------------------------------------------

NUMBERS = {
    "1,200 pipes": "1200 pipes",
    "1200 pipes": "1,200 pipes",
    "1.2 million": "1,200,000 crowns",
    "1,200,000 crowns": "1.2 million crowns",
    "38,5 %": "38.5 per cent",
    "nine minutes": "9 minutes",
    "the ninth plan": "the 9th plan",
    "twenty-one days": "21 days",
    "the 1990s": "the 1990s",
    "COVID-19 rules": "the COVID-19 rules",
    "from 26.12.2028": "26 December 2028",
    "a hundred boats": "100 boats",
    "a dozen boats": "12 boats",
    "next year": "the year 2030",
    "the past year": "the year 2028",
    "no number": "a boat F16 and Q3",
}


@each_row("printed", NUMBERS)
def test_a_number_is_known_however_it_is_written(printed: str) -> None:
    statement = f"He spoke of {NUMBERS[printed]}."
    assert names_in(f"he spoke of {printed} again", statement=statement) == {}
    wrong = f"He spoke of 1234567 and {NUMBERS[printed]}."
    assert names_in(f"he spoke of {printed} again", statement=wrong) == {
        "number-not-in-evidence": "error"
    }


def test_numbers_of_dates_goal_and_names_need_not_be_in_the_evidence() -> None:
    text = "he spoke of it"
    dated = {"announced": date("2029-05-14"), "occurred": date("2027-03-02/2029-05")}
    assert names_in(text, statement="He spoke in 2027.", dates=dated) == {}
    assert names_in(text, statement="He spoke on 2 March 2027.", dates=dated) == {}
    assert "number-not-in-evidence" in names_in(text, statement="He spoke 3 times.", dates=dated)
    goal = {"horizon": date("2033"), "specificity": "measurable", "details": "At least 44 boats."}
    statement = "He spoke of 44 boats in 2033."
    assert names_in(text, statement=statement, kind="goal", goal=goal) == {}


def test_a_number_in_another_language_is_in_doubt() -> None:
    """It may be a word that only a speaker of the language reads as a number."""
    found = names_in("he vijf", {"language": "nl"}, statement="He has 5 boats.")
    assert found == {"number-word-not-in-evidence": "warning"}


@each_row(
    ("text", "place", "cut"),
    [
        ("North Korea’s tests", 2, True),
        ("North Korea’s tests", 11, False),
        ("North Korea’s tests", 12, True),
        ("l’État dit", 2, False),
        ("1,200 boats", 2, True),
        ("1,200 boats", 1, True),
        ("e\u0301tat", 1, True),
        ("sanctions-busting", 10, False),
        ("数量的增长", 2, False),
        ("กลาโหม", 3, False),
        ("수확은", 2, False),
        ("שלום", 2, True),
        ("one two", 3, False),
        ("one", 0, False),
        ("one", 3, False),
    ],
)
def test_where_a_word_is_cut(text: str, place: int, cut: bool) -> None:
    assert cuts_word(text, place) is cut


# --- between documents --------------------------------------------------------------------------


def test_a_claim_restates_none_of_another_document() -> None:
    data = sound("ferries")
    claims = copy.deepcopy(list(data.claims))
    documents: Record = {
        "doc_0ther000": {**data.known["documents"]["doc_ferr1es0"], "id": "doc_0ther000"}
    }
    known = dict(data.known) | {"documents": {**data.known["documents"], **documents}}
    claims[HEADLINE]["evidence"][0]["document"] = "doc_0ther000"
    texts = {**data.texts, "doc_0ther000": TEXT}
    (found,) = set(named(findings(Sound(claims, known, texts)))) - set(named(findings(data)))
    assert found == (claims[HEADLINE]["id"], "restates-another-document", "error")


def test_every_way_of_damage_leaves_a_claim_that_a_schema_may_read() -> None:
    """Else the schemas would be measured, and not the rules."""
    for way in (*WAYS, *HARD_WAYS):
        for claim in damaged(sound("ferries"), way):
            assert not refused_by_schema(claim), way.__name__
