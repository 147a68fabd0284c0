"""The tables that are made of claims: claims, quotes, links of attribution chains, relations."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from schemas.records.claim import restated
from schemas.tables.column import ExportedRecord, Table, column, date_columns, listed, year


def _documents(claim: ExportedRecord) -> dict[str, ExportedRecord]:
    """The documents that a claim rests on, each once."""
    places = (*claim["evidence"], *claim["quotes"])
    return {place["document"]["id"]: place["document"] for place in places}


def _statuses(claim: ExportedRecord) -> list[str]:
    return [document["status"] for document in _documents(claim).values()]


def _origin(key: str) -> Any:
    return lambda claim: claim["sources"][0]["agent"][key]


CLAIMS = Table(
    "claims",
    "Claims",
    (
        column("id", "id", "The claim."),
        column("statement", "text", "What is claimed, in one sentence."),
        column("kind", "id", "Kind of claim."),
        column("topics", "ids", "Its topics.", listed("topics")),
        column("actors", "ids", "Who acts, or is to act.", listed("actors")),
        column("actor_names", "texts", "The names of `actors`.", listed("actors", "name")),
        column("addressees", "ids", "To whom it is directed.", listed("addressees")),
        column("about", "ids", "About whom it is.", listed("about")),
        column("occasion", "id", "The occasion at which it was announced.", "occasion.id"),
        *date_columns("announced", "When it was made public.", "dates.announced"),
        *date_columns("occurred", "When it took place.", "dates.occurred"),
        column("goal_specificity", "id", "How exact the goal is.", "goal.specificity"),
        column("goal_details", "text", "What is to be achieved.", "goal.details"),
        column("horizon", "edtf", "By when it is to be achieved.", "goal.horizon.edtf"),
        column(
            "horizon_year",
            "integer",
            "The year of `horizon`, where it lies within one.",
            year("goal.horizon"),
        ),
        column("speaker", "id", "Who says it: the origin of the chain.", _origin("id")),
        column("speaker_name", "text", "The name of `speaker`.", _origin("name")),
        column(
            "sources",
            "ids",
            "The chain of attribution, origin first.",
            lambda claim: [link["agent"]["id"] for link in claim["sources"]],
        ),
        column("attribution", "id", "Whose words the statement rests on."),
        column("quotes", "texts", "What is printed in quotation marks.", listed("quotes", "text")),
        column("documents", "ids", "The documents it rests on.", lambda c: [*_documents(c)]),
        column("hedges", "texts", "Words by which the document hedges it."),
        column(
            "attribution_level",
            "id",
            "Confidence that it was said by that source.",
            "confidence.attribution.level",
        ),
        column(
            "attribution_score",
            "integer",
            "The same from 0 to 100.",
            "confidence.attribution.score",
        ),
        column(
            "content_credibility",
            "integer",
            "Credibility of the content, from 1 (confirmed) to 5; 6 cannot be judged.",
            "confidence.content.credibility",
        ),
        column(
            "content_score",
            "integer",
            "The same from 0 to 100; empty for 6.",
            "confidence.content.score",
        ),
        column("restates", "ids", "The claims that it restates.", restated),
        column("independent_origins", "integer", "From how many independent origins it is told."),
        column("revision", "integer", "Number of its revision, from 1."),
        column("recorded_at", "date", "When this revision was recorded."),
        column("places", "ids", "Where it happens or applies.", listed("places")),
        column("document_statuses", "ids", "The status of each of `documents`.", _statuses),
        column("sourced", "boolean", "Whether anybody but the publisher is cited."),
        column(
            "alternatives",
            "integer",
            "Number of other readings of who says it.",
            lambda claim: len(claim["alternatives"]),
        ),
        column(
            "goal_elaborated",
            "boolean",
            "Whether the document spells the goal out.",
            "goal.elaborated",
        ),
        column("goal_target_value", "number", "A quantity to be reached.", "goal.target.value"),
        column("goal_target_unit", "text", "Its unit.", "goal.target.unit"),
        column("goal_target_baseline", "text", "Its starting point.", "goal.target.baseline"),
        column("goal_target_indicator", "text", "What measures it.", "goal.target.indicator"),
        column("goal_condition", "text", "What the goal depends on.", "goal.condition"),
        *date_columns("refers_to", "The period that the matter belongs to.", "dates.refers_to"),
    ),
    key=("id",),
    refers=(("occasion", "occasions"), ("speaker", "agents")),
)


def _quotes(claim: ExportedRecord) -> Iterator[ExportedRecord]:
    return ({"claim": claim, "quote": quote} for quote in claim["quotes"])


_ANNOUNCED = date_columns("announced", "When the claim was made public.", "claim.dates.announced")

QUOTES = Table(
    "quotes",
    "Quotations",
    (
        column("claim", "id", "The claim.", "claim.id"),
        column("text", "text", "The quotation, to the character.", "quote.text"),
        column("speaker", "id", "Who is quoted.", "quote.speaker.id"),
        column("speaker_name", "text", "The name of `speaker`.", "quote.speaker.name"),
        column("document", "id", "The document that prints it.", "quote.document.id"),
        column("document_title", "text", "The title of `document`.", "quote.document.name"),
        column("start", "integer", "Offset in the document, in code points.", "quote.start"),
        column("end", "integer", "Offset of its end, exclusive.", "quote.end"),
        column("kind", "id", "Kind of the claim.", "claim.kind"),
        column("attribution", "id", "Attribution of the claim.", "claim.attribution"),
        *_ANNOUNCED[:3],
        column("occasion", "id", "The occasion of the claim.", "claim.occasion.id"),
    ),
    rows=_quotes,
    refers=(
        ("claim", "claims"),
        ("speaker", "agents"),
        ("document", "documents"),
        ("occasion", "occasions"),
    ),
)


def _chains(claim: ExportedRecord) -> Iterator[ExportedRecord]:
    """Each link of a claim's own chain, then those of its other readings."""
    for reading, chain in enumerate([claim, *claim["alternatives"]]):
        for position, link in enumerate(chain["sources"], 1):
            yield {
                "claim": claim,
                "reading": reading,
                "position": position,
                "link": link,
                "attribution": chain["attribution"],
            }


SOURCES = Table(
    "sources",
    "Links of the chains of attribution",
    (
        column("claim", "id", "The claim.", "claim.id"),
        column("reading", "integer", "0 for the claim's own chain, else the number of the other."),
        column("position", "integer", "Place in the chain, from 1 for the origin."),
        column("agent", "id", "Who tells it.", "link.agent.id"),
        column("agent_name", "text", "The name of `agent`.", "link.agent.name"),
        column("role", "id", "Speaker, relayer or publisher.", "link.role"),
        column("cue", "text", "The reporting words, as printed.", "link.cue"),
        column("attribution", "id", "Attribution of that reading."),
    ),
    rows=_chains,
    key=("claim", "reading", "position"),
    refers=(("claim", "claims"), ("agent", "agents")),
)


def _relations(claim: ExportedRecord) -> Iterator[ExportedRecord]:
    return ({"claim": claim, "relation": relation} for relation in claim["relations"])


RELATIONS = Table(
    "relations",
    "Relations between claims",
    (
        column("claim", "id", "The claim that states the relation.", "claim.id"),
        column("type", "id", "Type of relation, from `claim` to `related_claim`.", "relation.type"),
        column("related_claim", "id", "The claim that it relates to.", "relation.claim"),
        column("rationale", "text", "Why the two are related so.", "relation.rationale"),
        column("kind", "id", "Kind of `claim`.", "claim.kind"),
        column("statement", "text", "Statement of `claim`.", "claim.statement"),
    ),
    rows=_relations,
    refers=(("claim", "claims"), ("related_claim", "claims")),
)

CLAIM_TABLES: tuple[Table, ...] = (CLAIMS, QUOTES, SOURCES, RELATIONS)
"""The tables whose rows are made of claims, and which the filters of claims select from."""
