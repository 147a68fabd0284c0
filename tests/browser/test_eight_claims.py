"""Eight claims of one text, from the document to the data set: what a person has to type.

A claim takes at most 240 characters and the whole at most five commands; ids, offsets and hashes
are never typed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from service import cli
from service.curation.workbench.session import ReadingSession
from tests.browser.chromium import Browser
from tests.browser.desk import Answers, Person, Pick, Record, Source, opened
from tests.browser.test_workbench import show
from tests.reading_desk import make_set

MOST_CHARACTERS = 240
LEAST_STATEMENT = 0.4
MOST_COMMANDS = 5
WATER = Path(__file__).resolve().parents[3] / "shared" / "curation" / "t1_water.txt"
PUBLISHED = "2026-03-10"


class Told(NamedTuple):
    """A claim as a person makes it: words of its passage, the keys of kind and attribution, and
    what is said in the fields that are to do.
    """

    passage: str
    keys: str
    answers: Answers


def told(passage: str, keys: str, statement: str, reason: str, **answers: object) -> Told:
    """A claim; names of answers have ``__`` for a full stop."""
    own = {
        "statement": statement,
        "confidence.content.rationale": reason,
        "dates.announced": Pick(PUBLISHED if keys.endswith("n") else f"/{PUBLISHED}"),
        "dates.occurred": Pick(f"/{PUBLISHED}"),
        "fidelity": 3,
        "confidence.content.credibility": 3,
        "confidence.attribution.level": Pick(
            "The document says so" if keys.endswith("n") else "The sentence names"
        ),
    }
    own |= {name.replace("__", "."): answer for name, answer in answers.items()}
    return Told(passage, keys, own)  # type: ignore[arg-type]


LIND = Record("lin", "Ada Lind", ("person",))
LINE = Record("lin", "ferry line", ("company",))
PORTS = Record("por", "Ports")
FERRIES = (
    "Ferry line to run at night by 2028\r\n\r\n"
    "The ferry line will buy two ships 🚢🚢 by 2028, Ada Lind said.\r\n\r\n"
    "“The old ships 🚢 are slow,” said Ada Lind.\r\n\r\n"
    "The city council ordered the line to cut fares.\r\n\r\n"
    "The unions welcomed the order.\r\n\r\n"
    "Fares rose last year.\r\n\r\n"
    "Bo Ek denied that ships were late.\r\n\r\n"
    "The line serves the islands.\r\n"
)
OF_FERRIES = [
    told(
        "Ferry line to run",
        "1n",
        "The ferry line is to run at night by 2028.",
        "Printed without a source.",
        topics=PORTS,
        actors=LINE,
        goal__specificity=3,
        goal__details="ferries at night",
    ),
    told(
        "will buy",
        "1i",
        "Ada Lind said that the ferry line would buy two ships by 2028.",
        "She announced it.",
        sources=Source(LIND, "said"),
        topics=PORTS,
        actors=LINE,
        goal__specificity=3,
        goal__details="two more ships",
    ),
    told(
        "The old ships",
        "4d",
        "Ada Lind called the old ships slow.",
        "Her own judgement.",
        sources=Source(LIND, "said"),
        topics=PORTS,
        actors=LIND,
        fidelity=1,
        dates__refers_to=Pick(f"/{PUBLISHED}"),
        confidence__content__credibility=6,
    ),
    told(
        "ordered",
        "2n",
        "The city council ordered the ferry line to cut fares.",
        "Printed without a source.",
        topics=PORTS,
        actors=Record("city", "city council", ("parliament",)),
        goal__specificity=2,
        goal__details="lower fares",
    ),
    told(
        "The unions",
        "3n",
        "The unions welcomed the order.",
        "Printed without a source.",
        topics=PORTS,
        actors=Record("uni", "unions", ("organisation",)),
    ),
    told(
        "Fares rose",
        "6n",
        "Fares of the ferry line rose in 2025.",
        "Printed without a source.",
        topics=PORTS,
        actors=LINE,
    ),
    told(
        "denied",
        "9i",
        "Bo Ek denied that ships had been late.",
        "Nobody else says so.",
        sources=Source(Record("bo", "Bo Ek", ("person",)), "denied"),
        topics=PORTS,
        actors=LINE,
        dates__refers_to=Pick(f"/{PUBLISHED}"),
        confidence__content__credibility=6,
    ),
    told(
        "serves",
        "8n",
        "The ferry line serves the islands.",
        "Printed without a source.",
        topics=PORTS,
        actors=LINE,
    ),
]

KHATIB = Record("khat", "Layla al-Khatib", ("person",))
SALEH = Record("rana", "Rana Saleh", ("person",))
JORDAN = Record("jord", "Jordan", ("country",))
SUPPLY = Record("wat", "Water", ("Supply and loss of water.",))
CLIMATE = Record("clim", "Climate", ("Rain and drought.",))
OF_WATER = [
    told(
        "Minister pledges",
        "1n",
        "Jordan's water minister pledges to halve water losses by 2030.",
        "Printed without a source.",
        topics=SUPPLY,
        actors=KHATIB,
        goal__specificity=3,
        goal__details="half the losses",
    ),
    told(
        "said on Monday",
        "1i",
        "Layla al-Khatib said that her ministry would halve the losses of pipes before 2030.",
        "She announced it herself.",
        sources=Source(KHATIB, "said"),
        topics=SUPPLY,
        actors=KHATIB,
        goal__specificity=3,
        goal__details="half the losses of the pipes",
    ),
    told(
        "We will replace",
        "1d",
        "Layla al-Khatib said that Jordan would replace 1,200 kilometres of pipe.",
        "She announced it herself.",
        sources=Source(KHATIB, "told"),
        topics=SUPPLY,
        actors=KHATIB,
        goal__specificity=3,
        goal__details="1,200 kilometres of new pipe",
        fidelity=1,
        confidence__attribution__level=Pick("The source is carried over"),
    ),
    told(
        "It gave no reason",
        "6n",
        "The agency gave no reason for the later rise.",
        "Printed without a source.",
        topics=SUPPLY,
        actors=Record("petr", "Petra", ("state media",)),
    ),
    told(
        "honest plan",
        "4d",
        "Rana Saleh called the plan honest and its budget dishonest.",
        "A researcher without a known interest.",
        sources=Source(SALEH, "said"),
        topics=SUPPLY,
        actors=SALEH,
        fidelity=1,
        dates__refers_to=Pick(f"/{PUBLISHED}"),
    ),
    told(
        "She expects",
        "7i",
        "Rana Saleh expects the work to last into the 2030s.",
        "The text gives grounds for it.",
        sources=Source(SALEH, "expects"),
        topics=SUPPLY,
        actors=SALEH,
        dates__refers_to=Pick(f"{PUBLISHED}/.."),
        confidence__attribution__level=Pick("The source is carried over"),
    ),
    told(
        "driest",
        "8n",
        "Jordan is one of the driest countries of the world.",
        "Printed without a source.",
        topics=CLIMATE,
        actors=JORDAN,
    ),
    told(
        "Rainfall",
        "6i",
        "The meteorological department said that rainfall of the winter was a third below average.",
        "The office that measures it.",
        sources=Source(Record("met", "meteorological department", ("ministry",)), "said"),
        topics=CLIMATE,
        actors=JORDAN,
    ),
]


def water() -> str:
    if not WATER.is_file():
        pytest.skip(f"NOT TESTED: {WATER.name} lies outside the project, and is not there")
    return WATER.read_bytes().decode("utf-8")


@pytest.mark.parametrize("name", ["ferries", "water"])
def test_eight_claims_take_few_keys_and_commands(
    browser: Browser, tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    text, claims = (FERRIES, OF_FERRIES) if name == "ferries" else (water(), OF_WATER)
    file = make_set(tmp_path, text, published={"edtf": PUBLISHED, "basis": "stated"})
    with opened(tmp_path, file) as (address, session):
        show(browser, address)
        person = Person(browser)
        read_through(person, session, claims)
        browser.driver.get("about:blank")
    commands = ["add-document", "curate"]  # the one is done above, the other was open until now
    for command in (
        ["add", str(session.path), "--make-agents", "--documents", str(tmp_path)],
        ["check"],
        ["verify", "--documents", str(tmp_path)],
    ):
        assert cli.main([*command, "--fixtures", str(tmp_path)]) == 0, capsys.readouterr()
        commands.append(command[0])
    assert len(commands) <= MOST_COMMANDS
    assert len(json.loads((tmp_path / "claims.json").read_text(encoding="utf-8"))) == len(claims)
    each = person.characters / len(claims)
    stated = sum(len(str(claim.answers["statement"])) for claim in claims) / person.characters
    with capsys.disabled():
        print(f"\n{name}: {each:.0f} characters a claim, {stated:.0%} of them statement")
    assert each <= MOST_CHARACTERS
    assert stated >= LEAST_STATEMENT
    assert_nothing_typed_that_a_program_knows(person, session)


def read_through(person: Person, session: ReadingSession, claims: list[Told]) -> None:
    """Makes the claims, decides against the other passages, and finishes the reading."""
    for passage, keys, answers in claims:
        person.go_to(passage)
        person.press(*keys)
        person.fill(answers)
        person.keep()
    for _ in [unit for unit in session.units() if unit["decision"] == "todo"]:
        person.decide_against("s")
    person.browser.find("#finish").click()
    person.browser.until(lambda: session.reading["finished"])


def assert_nothing_typed_that_a_program_knows(person: Person, session: ReadingSession) -> None:
    """No id, offset or hash."""
    typed = set(" ".join(person.typed).split())
    ids = {record["id"] for record in session.known["agents"].values()}
    offsets = {str(unit[key]) for unit in session.units() for key in ("start", "end")}
    assert not {each for each in ids if "-" in each} & typed
    assert not offsets & typed - {"2028", "2030"}
    assert not [each for each in typed if re.search(r"clm_|doc_|[0-9a-f]{16}", each)]
