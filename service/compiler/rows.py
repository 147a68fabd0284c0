"""The second pass: every claim as it is served, and as the index holds it, in default order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from schemas.claim import ClaimSchema
from schemas.faults import DataRefused, Fault
from service.compiler import facts
from service.compiler.compute import reloaded, served_claim
from service.compiler.crew import Crew, handles, parts
from service.compiler.desk import Desk, Handle, Part
from service.compiler.facts import Facts
from service.compiler.kept import line_hash
from service.compiler.read import Fixtures, Record
from service.compiler.surveying import Survey
from service.store.dataset_format import canonical
from service.store.tantivy.index import index_line

Given = tuple[Handle, int, list[dict[str, Any]] | None]
"""A claim, the number of origins behind it, and the relations that point to it."""

_SERVED = ClaimSchema()


class Row(NamedTuple):
    """A compiled claim. ``key`` is the hash of the line it was made of, empty where there was none.

    ``made`` is four lines: what the rules need to know of it, what other
    claims add to it, what the index holds, and the claim as it is served.
    """

    key: bytes
    made: bytes

    @property
    def lines(self) -> tuple[bytes, bytes]:
        """What the index holds, and the claim as it is served."""
        _, _, index, served = self.made.split(b"\n")
        return index, served


def compile_claims(fixtures: Fixtures, survey: Survey, crew: Crew) -> Iterator[Row]:
    """Every claim in default order. Raises ``DataRefused``."""
    claims = survey.claims
    order = sorted(range(len(claims)), key=lambda place: claims[place].position)
    given = (
        [
            (handle, survey.origins.get(claims[place].id, 1), survey.related.get(claims[place].id))
            for place, handle in zip(places, handles(fixtures.claims, places), strict=True)
        ]
        for places in (order[part.start : part.stop] for part in parts(len(order)))
    )
    for rows, faults in crew.run("Compiling claims", compile_part, given, len(claims)):
        if faults:
            raise DataRefused(faults)
        yield from rows


def compile_part(desk: Desk, part: Part) -> tuple[list[Row], list[Fault]]:
    """Some claims, each with its number of origins and the relations that point to it."""
    faults: list[Fault] = []
    return [_row(desk, given, faults) for given in part], faults


def _row(desk: Desk, given: Given, faults: list[Fault]) -> Row:
    handle, origins, related = given
    raw = desk.raw("claims", handle)
    added = canonical([origins, related or []])
    key = b"" if raw is None else line_hash(raw)
    kept = desk.kept.get("claims")
    made = kept.get(key) if kept and key else None
    if made is None or made.split(b"\n")[1] != added:
        claim = handle if raw is None else orjson.loads(raw)
        assert desk.known is not None  # nothing is compiled before the vocabularies are
        filled = served_claim(claim, desk.known, origins, related or [])
        served = reloaded("claims", _SERVED, filled, faults)
        made = b"\n".join([_told(claim), added, index_line(served), canonical(served)])
    return Row(key, made)


def _told(claim: Record) -> bytes:
    return facts.written(Facts.of(claim), facts.mentions(claim))
