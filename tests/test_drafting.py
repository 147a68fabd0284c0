"""Drafts: figures on annotated texts, spans that are exact in any text, and texts that are none."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.date import bounds
from schemas.records.reading import ReadingSchema
from service.cli import main
from service.curation.drafting import draft, find
from service.curation.drafting.dates import dates
from service.curation.drafting.dates.calendar import Anchor
from tests.drafting_figures import FIXTURES, Figures, annotated, figures, share

pytestmark = pytest.mark.slow

LEAST = {"quotations": 1.0, "speakers": 0.8, "sources": 0.75, "dates": 0.9}
MAX_WRONG_DATES = 0.03
DOCUMENT = {"id": "doc_00000000", "sha256": "0" * 64, "publisher": "gazette"}
PIECES = (
    *(
        "“",
        "”",
        '"',
        "'",
        "’",
        "«",
        "»",
        "„",
        "「",
        "」",
        "\n\n",
        "\r\n",
        "\n",
        " ",
        ". ",
        ", ",
        ": ",
    ),
    *("Anna Ek said", "he told her that", "according to", "the minister", "Q: ", "on Monday"),
    *("by 2030", "in the 1990s", "3 May", "next week", "😀", "e\u0301", "שלום", "\u202e", "新しい"),
    *("Dr.", "Bank of Varn", "was quoted as saying", "-", "(", ")", "\ue000", "\ufeff", "1,200"),
)
TEXTS = st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=40).map("".join)


def reading_of(text: str, published: str = "2026-03-10", **vocabularies: Any) -> dict[str, Any]:
    made: dict[str, Any] = draft(
        text, document=DOCUMENT, vocabularies=vocabularies, published=published, coder="jr"
    )
    return made


def test_the_figures_on_all_texts_at_hand_hold() -> None:
    total = Figures()
    for _, text, annotation in annotated():
        total += figures(text, annotation)
    assert {
        column: share(total, column) >= least for column, least in LEAST.items()
    } == dict.fromkeys(LEAST, True)
    assert share(total, "wrong dates") <= MAX_WRONG_DATES


def test_every_quotation_of_every_text_is_found_to_the_character() -> None:
    names = []
    for name, text, annotation in annotated():
        names.append(name)
        assert share(figures(text, annotation), "quotations") == 1, name
    if "t1_water.txt" not in names:
        pytest.skip("t1_water.txt is not beside the project: the invented texts alone were read")


@settings(max_examples=50, deadline=None)
@given(TEXTS)
def test_spans_are_exact_in_any_text(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    found = find(text, "2026-03-10")
    for span in (*found.quotes, *found.indirect, *found.dates, *found.sentences):
        start, end, *_ = span
        assert isinstance(start, int)
        assert isinstance(end, int)
        assert 0 <= start <= end <= len(text)
    for date in found.dates:
        bounds(date.edtf)
    covered = [place for start, end in found.sentences for place in range(start, end)]
    assert len(covered) == len(set(covered))
    seen = set(covered)
    assert all(
        place in seen or text[place].isspace() or text[place] == "\ufeff"
        for place in range(len(text))
    )


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_a_draft_of_any_text_is_a_reading_that_quotes_what_stands_there(text: str) -> None:
    text = text.encode("utf-8", "ignore").decode()
    reading = reading_of(text)
    assert ReadingSchema().validate(reading) == {}
    assert reading == reading_of(text)
    for unit in reading["units"]:
        for quote in unit["proposed"]["written"].get("quotes", ()):
            assert quote["text"] == text[quote["start"] : quote["end"]]
            assert unit["start"] <= quote["start"]


@pytest.mark.parametrize(
    "piece",
    [
        "“", '"A', "'s ", "‘a’s ", "Anna Ek said, ", "he said that ", "according to the ",
        "in May ", "Bank of ", "A. ", "\n\n“a ", "(a", "A: b\n", "word ", "the ", "2030 ", "AAAA",
        "Anna Ek said that “it” rains. ", "Then he left in May.\n", "“A?” he said. ", "In May, ",
        "the head of the League, Anna Ek, ", "“It is all over” ", "said and ", "Big Bold Head\n\n",
    ],
)  # fmt: skip
def test_the_work_grows_no_faster_than_the_text(piece: str) -> None:
    """Counted in calls, not seconds: twice the text may cost twice the calls, and a few."""
    find(piece * 10, "2026-03-10")
    once, twice = calls_of(piece * 300), calls_of(piece * 600)
    assert twice <= 2.5 * once + 500


def calls_of(text: str) -> int:
    """How many functions are called to read a text."""
    count = 0

    def counted(*_: object) -> None:
        nonlocal count
        count += 1

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        find(text, "2026-03-10")
    finally:
        sys.setprofile(before)
    return count


PUBLISHED = "2026-03-10"  # a Tuesday


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on Monday", "2026-03-09"),
        ("on Tuesday", "2026-03-10"),
        ("will meet on Thursday", "2026-03-12"),
        ("last Tuesday", "2026-03-03"),
        ("this Friday", "2026-03-13"),
        ("last week", "2026-03-02/2026-03-08"),
        ("next month", "2026-04"),
        ("by 2030", "2030"),
        ("before 2030", "../2029"),
        ("since 2017", "2017/.."),
        ("in the first half of 2030", "2030-01/2030-06"),
        ("Q3 2027", "2027-07/2027-09"),
        ("the fourth quarter of last year", "2025-10/2025-12"),
        ("the early 1990s", "199X"),
        ("between 28 April and 3 May 2026", "2026-04-28/2026-05-03"),
        ("March 3-5, 2026", "2026-03-03/2026-03-05"),
        ("from 2027 to 2030", "2027/2030"),
        ("this winter", "2025-12/2026-02"),
        ("the winter of 2025-26", "2025-12/2026-02"),
        ("over the past ten years", "2016/2026"),
        ("two weeks ago", "2026-02-24"),
        ("12/31/2026", "2026-12-31"),
        ("last March", "2025-03"),
        ("around 2035", "2035~"),
        ("takes effect on 1 October", "2026-10-01"),
        ("by the tenth of October", "2026-10-10"),
        ("January 22, Juche 115 (2026)", "2026-01-22"),
        ("will meet on the first Monday of November", "2026-11-02"),
        ("said on Tuesday of next week", "2026-03-17"),
        ("had left by Tuesday", "2026-03-10"),
        ("On Monday, the leaders meet", "2026-03-16"),
        ("In August, he will leave", "2026-08"),
        ("put off the vote until a summit in January", "2027-01"),
        ("is expected to speak at the December council", "2026-12"),
        ("the first week of May 2026", "2026-05-01/2026-05-07"),
        ("the week after next", "2026-03-23/2026-03-29"),
        ("promised an answer within two weeks", "2026-03-10/2026-03-24"),
        ("the first nine months of 2025", "2025-01/2025-09"),
        ("the first half of the year 2025", "2025-01/2025-06"),
        ("sales fell in the fourth quarter", "2025-10/2025-12"),
        ("happened between May and August", "2025-05/2025-08"),
        ("will be back in the autumn", "2026-09/2026-11"),
        ("left in the autumn", "2025-09/2025-11"),
        ("over the past year", "2025/2026"),
        ("fiscal 2027", "2027"),
        ("he said 2026 should be quiet", "2026"),
        ("by the end of the decade", "202X"),
        ("before the middle of the next decade", "203X"),
        ("would vote before Christmas", "2026-12-25"),
        ("needs it by the end of the third quarter", "2026-07/2026-09"),
    ],
)
def test_an_expression_of_time_is_told_from_the_day_of_publication(
    text: str, expected: str
) -> None:
    assert [date.edtf for date in dates(text, Anchor.of(PUBLISHED))] == [expected]


@pytest.mark.parametrize(
    "text",
    [
        *("03/04/2026", "on 29 February 2027", "1,900 people", "2000 people", "Resolution 2231"),
        *("in recent years", "done within three months", "a year earlier", "every Monday"),
        *("the following week", "he may march", "only in December", "New Year’s Day", "at 10.30"),
    ],
)
def test_what_no_rule_covers_stays_empty(text: str) -> None:
    assert dates(text, Anchor.of(PUBLISHED)) == []


def test_what_is_compared_with_a_year_earlier_is_told_from_the_date_before_it() -> None:
    text = "Sales rose in January from a year earlier. They fell from a year earlier."
    found = [date.edtf for date in dates(text, Anchor.of(PUBLISHED))]
    assert found == ["2026-01", "2025-01"]


def test_years_that_are_listed_are_no_interval() -> None:
    found = [date.edtf for date in dates("losses in 2024 and 2025", Anchor.of(PUBLISHED))]
    assert found == ["2024", "2025"]


@pytest.mark.parametrize(
    ("text", "speaker"),
    [
        ("“We tried,” scoffs Anna Ek of the League.", "Anna Ek"),
        ("“We tried,” she shrugged.", None),
        ("Anna Ek left. “We tried,” she shrugged.", "Anna Ek"),
        ("“What now?” Anna Ek said outside. “We wait.”", "Anna Ek"),
        ("Anna Ek, head of the League, commented:\n\n“We have tried it all.”", "Anna Ek"),
        ("Minister of Foreign Affairs Anna Ek said the plan was “dead”.", "Anna Ek"),
        ("“It is dead,” said Secretary of State Anna Ek.", "Anna Ek"),
        ("The governor of Varn, Anna Ek, has called it “dead”.", "Anna Ek"),
        ("Anna Ek denied this, then called it “dead”.", "Anna Ek"),
        ("In her closing speech Anna Ek used to say, “It is dead.”", "Anna Ek"),
        ("Officials were worried. They said it was “dead”. It rained.", "Officials"),
        ("Officials in Varn told the paper so. They said it was “dead”.", "Officials"),
        ("The Varn League's report called it “dead”.", "Varn League"),
        ("A diplomat who followed the talks said it was “dead”.", "diplomat"),
        ("A person close to the cabinet, speaking by phone, said it was “dead”.", "person"),
        ("Varn officials spoke. The text agreed in May is “dead”.", None),
        ("The meeting decided that it was “dead”. It noted that it was “cold”.", "meeting"),
        ("The so-called “resilience fund for all and sundry” was announced.", None),
        ("Varn Ek Opens Newly Built Railway Bridge\n\nEk said it was “dead”.", "Ek"),
        ("The same day, the Varn League released a note denouncing “it”.", "Varn League"),
        ("VARN, Feb. 14 - The envoy, Anna Ek, left. She called it “dead”.", "Anna Ek"),
        ("Anna Ek waits. “It is dead,” said the 34-year-old.", "Anna Ek"),
        ("Anna Ek, from the Varn League, said it was “dead”.", "Anna Ek"),
        ("PRESS NOTE\n\nThe Ministers left.\n\nThey said it was “dead”.", "Ministers"),
        ("Cabinet Secretary Anna Ek spoke. She called it “dead”.", "Anna Ek"),
        ("The head of the League, Anna Ek, was calm. She called it “dead”.", "Anna Ek"),
        ("Anna Ek waits. Her official spokesman called it “dead”.", "official spokesman"),
        ("Anna Ek gave an assurance that it was “dead”.", "Anna Ek"),
    ],
)
def test_who_is_quoted(text: str, speaker: str | None) -> None:
    assert {quote.speaker for quote in find(text, PUBLISHED).quotes} == {speaker}


def test_a_quotation_that_ends_with_s_is_closed_before_another_opens() -> None:
    text = "Ek said it would ‘drive a coach and horses’ through it. She called it ‘a wreck’."
    quoted = [text[quote.start : quote.end] for quote in find(text, PUBLISHED).quotes]
    assert quoted == ["drive a coach and horses", "a wreck"]


def test_a_headline_is_of_those_who_say_so_below() -> None:
    text = "‘It is all over now’: the end\n\nA storm.\n\n‘It is all over now,’ Anna Ek said.\n"
    assert [quote.speaker for quote in find(text, PUBLISHED).quotes] == ["Anna Ek", "Anna Ek"]


@pytest.mark.parametrize(
    ("text", "reported", "source"),
    [
        (
            "The banks, Anna Ek notes, left in May.",
            "The banks, Anna Ek notes, left in May",
            "Anna Ek",
        ),
        ("Anna Ek waits. In her view the clause holds.", "the clause holds", "Anna Ek"),
        ("Anna Ek has asked Varn to lift the ban.", "to lift the ban", "Anna Ek"),
        ("Asked why, Anna Ek laughed and said it rained.", "it rained", "Anna Ek"),
        ("Anna Ek said that “it rains”.", "it rains", "Anna Ek"),
        ("People in Varn keep saying that it rains.", "it rains", "People"),
    ],
)
def test_what_is_reported(text: str, reported: str, source: str) -> None:
    (found,) = find(text, PUBLISHED).indirect
    assert text[found.start : found.end].strip("“”") == reported
    assert found.source == source


def test_relative_dates_need_a_day_or_month_to_be_told_from() -> None:
    text = "Last week and on Monday, in 2024 and last year"
    assert [date.edtf for date in dates(text, Anchor.of("2026"))] == ["2024", "2025"]


def test_a_speaker_told_by_a_pronoun_is_ranked_and_never_offered() -> None:
    text = "Minister Anna Ek said that the plan holds. “We will build it by 2030,” she said."
    first, second = (unit["proposed"] for unit in reading_of(text)["units"])
    assert first["offered"]["sources"][0] == {"agent": "anna-ek", "role": "speaker", "cue": "said"}
    assert "sources" not in second["offered"]
    assert second["ranked"]["sources"][0]["agent"] == "anna-ek"
    assert second["filled"]["goal"] == {
        "horizon": {"edtf": "2030", "basis": "stated", "note": None}
    }


def test_known_agents_go_by_their_ids_and_others_get_records() -> None:
    agents = [{"id": "ek", "name": "Anna Ek", "other_names": []}]
    reading = reading_of("Anna Ek said it rains. Bo Ros denied it rains.", agents=agents)
    named = [unit["proposed"]["offered"]["sources"][0]["agent"] for unit in reading["units"]]
    assert named == ["ek", "bo-ros"]
    assert [agent["id"] for agent in reading["agents"]] == ["bo-ros"]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "empty"),
        (b" \n\n ", "empty"),
        (b"caf\xe9 au lait", "no text in UTF-8 (byte 3)"),
        (b"a\x00b", "binary"),
        (None, "no such file"),
    ],
)
def test_what_is_no_text_is_told_with_what_to_do(
    content: bytes | None, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "text.txt"
    if content is not None:
        file.write_bytes(content)
    assert main(["draft", str(file), "--published", PUBLISHED, "--findings"]) == 1
    assert told in capsys.readouterr().err


def test_a_text_of_fifty_megabytes_is_refused_unread(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "text.txt"
    with file.open("wb") as sparse:
        sparse.truncate(50_000_000)
    assert main(["draft", str(file), "--published", PUBLISHED, "--findings"]) == 1
    assert "cut it into parts" in capsys.readouterr().err


@pytest.fixture
def data_set(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[Path, Path]:
    """A data set with one of the texts as its document."""
    directory, file = tmp_path / "set", FIXTURES / "border_wire_report.txt"
    assert main(["init", str(directory)]) == 0
    add = ["add-document", str(file), "--published", "2028-04-17", "--language", "en"]
    assert main([*add, "--fixtures", str(directory)]) == 0, capsys.readouterr().err
    capsys.readouterr()
    return directory, file


def test_a_draft_is_written_once_and_never_over_a_reading(
    data_set: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    directory, file = data_set
    command = ["draft", str(file), "--published", "2028-04-17", "--fixtures", str(directory)]
    assert main([*command, "--coder", "jr"]) == 0
    (path,) = (directory / "readings").iterdir()
    reading = json.loads(path.read_bytes())
    assert path.name == f"{reading['document']}.jr.json"
    assert reading["drafted_by"].startswith("policy-claims ")
    before = path.read_bytes()
    assert main([*command, "--coder", "jr"]) == 1
    assert "is there already" in capsys.readouterr().err
    assert path.read_bytes() == before
    assert main([*command, "--document", "doc_00000000"]) == 1
    assert "not doc_00000000" in capsys.readouterr().err


def test_a_text_that_is_no_document_of_the_data_set_is_told(
    data_set: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    directory, _ = data_set
    file = FIXTURES / "budget_report.txt"
    command = ["draft", str(file), "--published", "2030-12-19", "--fixtures", str(directory)]
    assert main(command) == 1
    assert "add-document" in capsys.readouterr().err


def test_a_date_that_is_none_is_refused_with_what_is_allowed(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(SystemExit) as refused:
        main(["draft", "text.txt", "--published", "10 March"])
    assert refused.value.code == 2
    assert "YYYY-MM-DD" in capsys.readouterr().err
