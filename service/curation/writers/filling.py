"""What a program knows of a claim that a person wrote: offsets and hashes of its passages."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from schemas.faults import DataRefused, Fault, pointer
from service.curation.locating import nearest, starts_of
from service.curation.texts import ProvedTexts, sha256_of

_Spans = Sequence[tuple[int, int]]


def filled(claim: Mapping[str, Any], texts: ProvedTexts, file: str) -> dict[str, Any]:
    """A claim in which evidence has offsets, hash and role, and quotations document and offsets.

    A piece of evidence may say with ``passage``, to the character, what its
    offsets would; a quotation without offsets is looked for inside the
    evidence. A document may be named by its file. Raises ``DataRefused`` for
    what is not there, or there more than once.
    """
    faults: list[Fault] = []
    evidence = [
        _evidence(each, texts, FieldPlace(file, ("evidence", n), faults))
        for n, each in enumerate(_objects(claim.get("evidence")))
    ]
    made = {**claim}
    if evidence:
        made["evidence"] = evidence
    if quotes := list(_objects(claim.get("quotes"))):
        made["quotes"] = [
            _quote(each, evidence, texts, FieldPlace(file, ("quotes", n), faults))
            for n, each in enumerate(quotes)
        ]
    if faults:
        raise DataRefused(faults)
    return made


class FieldPlace:
    """Where something in a file is filled in, and where to say what is wrong with it."""

    def __init__(self, file: str, steps: tuple[object, ...], faults: list[Fault]) -> None:
        self._file, self._steps, self._faults = file, steps, faults

    def refuse(self, key: str, found: str, allowed: str) -> None:
        at = pointer(*self._steps, key)
        self._faults.append(Fault(self._file, at, json.dumps(found)[:80], allowed))


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    """The objects of a list; the schema says what is wrong with anything else."""
    if isinstance(value, list):
        yield from (each for each in value if isinstance(each, dict))


def _with_document(each: Mapping[str, Any], texts: ProvedTexts) -> dict[str, Any]:
    named = each.get("document")
    return {**each, "document": texts.id_of(named)} if isinstance(named, str) else {**each}


def _evidence(each: Mapping[str, Any], texts: ProvedTexts, place: FieldPlace) -> dict[str, Any]:
    made = _with_document(each, texts)
    text = texts.known_text(str(made.get("document")))
    passage = made.pop("passage", None)
    if text is not None and isinstance(passage, str):
        _locate(made, passage, text, [(0, len(text))], ("passage", place))
    start, end = made.get("start"), made.get("end")
    if text is not None and type(start) is int and type(end) is int:
        made.setdefault("sha256", sha256_of(text[start:end]))
    made.setdefault("role", "supports")
    keys = ("document", "start", "end", "sha256", "fidelity", "role", "locator")
    ordered = {key: made[key] for key in keys if key in made}
    return ordered | {key: value for key, value in made.items() if key not in ordered}


def _quote(
    each: Mapping[str, Any],
    evidence: Sequence[Mapping[str, Any]],
    texts: ProvedTexts,
    place: FieldPlace,
) -> dict[str, Any]:
    made = _with_document(each, texts)
    if evidence and "document" in evidence[0]:
        made.setdefault("document", evidence[0]["document"])
    text = texts.known_text(str(made.get("document")))
    words = made.get("text")
    if text is not None and isinstance(words, str) and "start" not in made:
        spans = [
            (e["start"], e["end"])
            for e in evidence
            if e.get("document") == made.get("document")
            and type(e.get("start")) is int
            and type(e.get("end")) is int
        ]
        _locate(made, words, text, spans, ("text", place))
    return made


def _locate(
    made: dict[str, Any], words: str, text: str, spans: _Spans, where: tuple[str, FieldPlace]
) -> None:
    """Sets the offsets of the one place where words stand inside some spans of a text."""
    key, place = where
    found = {
        start
        for first, last in spans
        for start in starts_of(text, words)
        if first <= start and start + len(words) <= last
    }
    if len(found) == 1:
        start = found.pop()
        made |= {"start": start, "end": start + len(words)}
    elif found:
        at = ", ".join(map(str, sorted(found)[:9]))
        place.refuse(key, words, f"words that stand there once, or start and end (it is at {at})")
    else:
        like = next((it for a, b in spans if (it := nearest(text[a:b], words))), None)
        meant = f" (meant {json.dumps(like, ensure_ascii=False)}?)" if like else ""
        place.refuse(key, words, f"words of the document, to the character{meant}")
