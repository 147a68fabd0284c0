"""Rules of times: what was announced, happened and is aimed at comes in an order."""

from collections.abc import Iterator
from typing import Any

from service.compiler.rules.dates import bounds_of, publication
from service.curation.rules.findings import CuratedClaim, Known, Rule, RuleBreach

ANNOUNCED_LATE = Rule(
    "announced-after-publication", 6, True, "a day up to that of the document's publication"
)
OCCURRED_LATE = Rule(
    "occurred-after-publication", 6, True, "a time up to the document's publication, or null"
)
OCCURRED_UNREPORTED = Rule(
    "occurred-after-announced", 6, True, "a time up to the day it was announced, or null"
)
ENDS_LATE = Rule(
    "occurred-until-after-publication", 6, False, "a time that ends with the publication"
)
HORIZON_OVER = Rule(
    "horizon-before-announced", 5, True, "a period that was not over when the goal was announced"
)
FORECAST_OF_PAST = Rule(
    "forecast-of-the-past", 6, True, "a period that was not over when the forecast was made"
)
MATTER_UNWANTED = Rule(
    "refers-to-without-a-matter",
    6,
    False,
    "null for a kind other than assessment, allegation, denial and forecast",
)
EXTERNAL_CERTAIN = Rule(
    "external-without-doubt", 6, False, "a date with ?, ~ or %, since its basis is external"
)
NARRATED_OTHERWISE = Rule(
    "narrator-announced-otherwise", 6, False, "the publication date, in the document's own voice"
)

WITH_MATTER = frozenset({"assessment", "allegation", "denial", "forecast"})
"""Kinds that are about a period of their own (``refers_to``)."""


def time_breaches(claim: CuratedClaim, known: Known) -> Iterator[RuleBreach]:
    """What is wrong with the dates of a claim, as far as no text is needed to see it."""
    dates = claim["dates"]
    announced, occurred = dates.get("announced"), dates.get("occurred")
    published = publication(claim, known)[1]
    yield from _speech(claim, announced, occurred, published)
    yield from _matters(claim, announced, occurred)
    for key, date in dates.items():
        if date and date["basis"] == "external" and not any(mark in date["edtf"] for mark in "?~%"):
            yield EXTERNAL_CERTAIN, ("dates", key, "edtf"), date["edtf"], ""
    if claim["attribution"] == "narrator" and announced:
        printed = known["documents"][claim["evidence"][0]["document"]]["published"]["edtf"]
        if announced["edtf"] != printed:
            yield NARRATED_OTHERWISE, ("dates", "announced", "edtf"), announced["edtf"], printed


def _speech(
    claim: CuratedClaim, announced: Any, occurred: Any, published: str | None
) -> Iterator[RuleBreach]:
    """Publication comes last, the announcement before it, and what happened before that."""
    if published is None:
        return
    made_public, known_by = bounds_of(announced)
    begun, ended = bounds_of(occurred)
    if made_public and made_public > published:
        yield ANNOUNCED_LATE, ("dates", "announced", "edtf"), announced["edtf"], published
    if begun and begun > published:
        yield OCCURRED_LATE, ("dates", "occurred", "edtf"), occurred["edtf"], published
    elif begun and known_by and begun > known_by:
        yield OCCURRED_UNREPORTED, ("dates", "occurred", "edtf"), occurred["edtf"], known_by
    elif ended and ended > published and "/" in occurred["edtf"]:
        last = bounds_of({"edtf": occurred["edtf"].partition("/")[2]})[0]
        if last and last > published:
            yield ENDS_LATE, ("dates", "occurred", "edtf"), occurred["edtf"], published


def _matters(claim: CuratedClaim, announced: Any, occurred: Any) -> Iterator[RuleBreach]:
    """What a goal or a forecast is about was not over when it was made."""
    said = bounds_of(announced)[0] or bounds_of(occurred)[0]
    horizon = (claim.get("goal") or {}).get("horizon")
    over = bounds_of(horizon)[1]
    if horizon and over and said and over < said:
        yield HORIZON_OVER, ("goal", "horizon", "edtf"), horizon["edtf"], said
    matter = claim["dates"].get("refers_to")
    if matter is None:
        return
    over = bounds_of(matter)[1]
    if claim["kind"] not in WITH_MATTER:
        yield MATTER_UNWANTED, ("dates", "refers_to"), matter["edtf"], ""
    elif claim["kind"] == "forecast" and over and said and over < said:
        yield FORECAST_OF_PAST, ("dates", "refers_to", "edtf"), matter["edtf"], said
