"""Fixtures of any size for the proofs: the synthetic ones of the benchmarks, seasoned with what is
rare or hard, and small claims of which each names other agents and documents.
"""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.drawing import crockford, shuffled
from benchmarks.generate import generate
from tests import records

Record = dict[str, Any]
Documents = dict[str, str]
"""When each document was published, by its id."""

SEASONED_EVERY = 12
"""One claim in so many is made hard; each way of it is met hundreds of times in 100,000 claims."""
TEXTS = (
    *("=1+1 is no sum", "+7 days", "-minus", "@home", "|pipe", "%5 of it", "\uff1d1", "\uff0b1"),
    *('a "quoted" word', "one, two; three", "it's", "économie d'État", "İzmir Straße ﬁne"),
    *("북조선의 로켓 발사를", "𐌰𐌱 and 🚀", "e\u0301tat", "co-operation of 3.5 50/50"),
    *("launch, launched, launches", "the the the", "⑴ ½ ①", "x" * 120, "word " * 150),
)
PRINTED = (
    "two\nlines",
    "\ttabbed",
    '"',
    ",",
    '",\n"',
    "=SUM(A1)",
    "\u202eturned\u202c",
    "a\u2028b",
)
DATES = (
    *("0001-01-01", "0001", "9999-12-31", "9999", "199X?", "202X", "2012-02-29", "2020-02-29?"),
    *("../2015", "../2015-06-30", "2015/..", "2019-07-01/..", "2015?/2016", "2020-12/2021-01"),
    *("199X/..", "../202X", "1989-11-09", "2024-12-31/2025-01-01"),
)
REVISED_PERCENT = 1.0
PLACED = 5
"""Which of the ``SEASONED_EVERY`` claims that follow each other is given places; not a hard one."""


def write_seasoned(out: Path, claims: int, seed: int) -> None:
    """Fixtures of so many claims; the same arguments give the same bytes."""
    generate(out, claims, seed=seed, change=REVISED_PERCENT)
    rng = random.Random(seed)
    listed = json.loads((out / "documents.json").read_bytes())
    documents = {each["id"]: each["published"]["edtf"] for each in listed}
    places = list(records.fixtures()["places"])
    (out / "places.json").write_text(json.dumps(places, ensure_ascii=False), encoding="utf-8")
    _rewrite(out / "claims.ndjson", lambda lines: _seasoned(lines, documents, rng))
    _rewrite(out / "changes.ndjson", _superseded)


def _rewrite(path: Path, change: Any) -> None:
    other = path.with_suffix(".rewritten")
    with path.open(encoding="utf-8", newline="\n") as lines:
        other.write_text("".join(change(lines)), encoding="utf-8", newline="\n")
    other.replace(path)


def _line(record: Record) -> str:
    return json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n"


def _seasoned(lines: Iterable[str], documents: Documents, rng: random.Random) -> Iterator[str]:
    """Every so-manyth claim made hard in one way; its neighbour before it is at hand."""
    before: Record | None = None
    for number, line in enumerate(lines):
        if number % SEASONED_EVERY == PLACED:
            yield _line({**json.loads(line), "places": _places(number // SEASONED_EVERY)})
            continue
        if number % SEASONED_EVERY > 1:
            yield line
            continue
        claim = json.loads(line)
        if number % SEASONED_EVERY == 1 and before is not None:
            rng.choice(WAYS)(claim, before, documents, rng)
            yield _line(claim)
        else:
            yield line
        before = claim


def _places(number: int) -> list[str]:
    """Some of the places that ``records`` has, one or two of them, each as often as the others."""
    known = [*records.PLACES]
    first, second = number % len(known), number // len(known) % len(known)
    return list(dict.fromkeys((known[first], known[second])))


def _stated(claim: Record, before: Record, documents: Documents, rng: random.Random) -> None:
    text = rng.choice(TEXTS)
    claim["statement"] = rng.choice((text, f"{text} {claim['statement']}"))


def _quoted(claim: Record, before: Record, documents: Documents, rng: random.Random) -> None:
    for quote in claim["quotes"]:
        quote["text"] = rng.choice((*TEXTS, *PRINTED)) + rng.choice(("", f" {quote['text']}"))
        quote["end"] = quote["start"] + len(quote["text"])
    claim["hedges"] = list(dict.fromkeys(rng.choices(TEXTS[:12], k=2)))


def _quoted_twice(claim: Record, before: Record, documents: Documents, rng: random.Random) -> None:
    speaker = claim["sources"][0]["agent"]
    for text in rng.sample((*TEXTS, *PRINTED), 3):
        claim["quotes"].append(records.quote(text, speaker, rng.choice(list(documents))))


def _aimed(claim: Record, before: Record, documents: Documents, rng: random.Random) -> None:
    horizon = records.date(rng.choice((*DATES, None)))
    details = rng.choice(TEXTS)
    claim["goal"] = {**records.goal(None, "measurable"), "horizon": horizon, "details": details}


def _dated(claim: Record, before: Record, documents: Documents, rng: random.Random) -> None:
    announced, occurred = rng.choices(DATES, k=2)
    claim["dates"] |= {"announced": records.date(announced), "occurred": records.date(occurred)}
    published = documents[claim["evidence"][0]["document"]]
    claim.update(records.possible(claim, published))


def _told_by_others(
    claim: Record, before: Record, documents: Documents, rng: random.Random
) -> None:
    """Evidence in more documents than one, and all that the claim before concerns."""
    claim["evidence"] += [records.evidence(d) for d in rng.sample(list(documents), 2)]
    for key in ("topics", "actors", "addressees", "about"):
        claim[key] = list(dict.fromkeys([*before[key], *claim[key]]))


def _related(claim: Record, before: Record, documents: Documents, rng: random.Random) -> None:
    """Three relations to the claim before, in place of any that would contradict them."""
    others = [each for each in claim["relations"] if each["claim"] != before["id"]]
    three = [records.relation(kind, before["id"]) for kind in ("escalates", "contrasts", "refutes")]
    claim["relations"] = [*others, *three]


WAYS = (_stated, _quoted, _quoted_twice, _aimed, _dated, _told_by_others, _related)


def _superseded(lines: Iterable[str]) -> Iterator[str]:
    """Of every three withdrawals two become replacements, one by the first claim and the next by
    the claim that was replaced before it.
    """
    first, heir, retired = "", "", 0
    for line in lines:
        first = first or json.loads(line)["claim"]
        if '"change":"withdrawn"' in line:
            if retired % 3 < 2:
                change = json.loads(line)
                replaced_by = heir if retired % 3 else first
                heir = change["claim"]
                yield _line({**change, "change": "superseded", "replaced_by": replaced_by})
            else:
                yield line
            retired += 1
        else:
            yield line


# Groups without end


def write_many_groups(out: Path, count: int, seed: int) -> None:
    """As many claims as agents as documents: each claim has an actor and a document of its own,
    and is about one of three fifths of the agents; one in a hundred is about nobody.
    """
    out.mkdir(parents=True, exist_ok=True)
    small = records.fixtures()
    agent, document = next(iter(small["agents"])), next(iter(small["documents"]))
    names = [_agent(n, seed) for n in range(count)]
    wide: dict[str, list[Any]] = {
        "topics": list(small["topics"]),
        "occasions": list(small["occasions"]),
        "agents": [*small["agents"], *({**agent, "id": name, "name": name} for name in names)],
        "documents": [{**document, "id": _document(n, seed)} for n in range(count)],
    }
    for name, listed in wide.items():
        (out / f"{name}.json").write_text(json.dumps(listed, ensure_ascii=False), "utf-8")
    with (out / "claims.ndjson").open("w", encoding="utf-8") as claims:
        claims.writelines(_line(_small_claim(n, names, seed)) for n in range(count))
    with (out / "changes.ndjson").open("w", encoding="utf-8") as changes:
        made = next(iter(records.fixtures([records.claim(0)])["changes"]))
        changes.writelines(
            _line({**made, "seq": n + 1, "claim": _claim(n, seed)}) for n in range(count)
        )


def _small_claim(number: int, names: list[str], seed: int) -> Record:
    document = _document(number, seed)
    other = names[number * 7 % (len(names) * 3 // 5)]
    claim = records.claim(
        0,
        actors=[names[number]],
        about=[other] if number % 100 else [],
        evidence=[records.evidence(document)],
    )
    return {**claim, "id": _claim(number, seed)}


def _claim(number: int, seed: int) -> str:
    return "clm_" + crockford(shuffled(number, seed))


def _document(number: int, seed: int) -> str:
    return "doc_" + crockford(shuffled(number, seed + 1))


def _agent(number: int, seed: int) -> str:
    return "agent-" + crockford(shuffled(number, seed + 2))


# Claims that their documents bear out


def write_verifiable(out: Path, documents: Path, count: int, seed: int) -> None:
    """Claims in lines, ten of each document, with the texts of the documents beside them."""
    for directory in (out, documents):
        directory.mkdir(parents=True, exist_ok=True)
    small = records.fixtures([records.claim(0)])
    document, change = next(iter(small["documents"])), next(iter(small["changes"]))
    texts = {
        _document(n, seed): f"Text {n}: " + "수확은 늘어난다. " * 20 for n in range(count // 10)
    }
    listed: dict[str, list[Any]] = {
        "topics": list(small["topics"]),
        "occasions": list(small["occasions"]),
        "agents": list(small["agents"]),
        "documents": [{**document, **_described(*each)} for each in texts.items()],
    }
    for name, held in listed.items():
        (out / f"{name}.json").write_text(json.dumps(held, ensure_ascii=False), "utf-8")
    for name, text in texts.items():
        (documents / f"{name}.txt").write_text(text, encoding="utf-8")
    named = [*texts.items()]
    with (out / "claims.ndjson").open("w", encoding="utf-8") as claims:
        for n in range(count):
            name, text = named[n % len(named)]
            passage = text[:60].rstrip()
            sha256 = hashlib.sha256(passage.encode()).hexdigest()
            span = {"end": len(passage), "sha256": sha256}
            made = records.claim(0, evidence=[{**records.evidence(name), **span}])
            claims.write(_line({**made, "id": _claim(n, seed)}))
    with (out / "changes.ndjson").open("w", encoding="utf-8") as changes:
        for n in range(count):
            changes.write(_line({**change, "seq": n + 1, "claim": _claim(n, seed)}))


def _described(name: str, text: str) -> Record:
    sha256 = hashlib.sha256(text.encode()).hexdigest()
    return {"id": name, "file": f"{name}.txt", "sha256": sha256, "length": len(text)}
