"""The tables of the vocabularies: a row for each record, by id."""

from __future__ import annotations

from collections.abc import Callable

from schemas.tables.column import Column, ExportedRecord, Table, column, date_columns


def _pairs(path: str, key: str) -> Callable[[ExportedRecord], list[str]]:
    """What a record is called elsewhere, each as ``scheme:id``."""
    return lambda record: [f"{each['scheme']}:{each[key]}" for each in record[path]]


def _reference(name: str, description: str) -> tuple[Column, Column]:
    """Another record: its id, and what it is called."""
    return (
        column(name, "id", description, f"{name}.id"),
        column(f"{name}_name", "text", f"The name of `{name}`.", f"{name}.name"),
    )


def _count(what: str) -> Column:
    return column("claim_count", "integer", f"Number of claims {what}.")


_COUNTRY = column("country", "id", "ISO 3166-1 alpha-2 code of its country.")
_IDENTIFIERS = column(
    "identifiers",
    "texts",
    "What it is called in other lists, each `scheme:id`.",
    _pairs("identifiers", "id"),
)
_OTHER_NAMES = column("other_names", "texts", "Other names of it.")


def _point(axis: str) -> Callable[[ExportedRecord], float | None]:
    return lambda place: place["point"] and float(place["point"][axis])


DOCUMENTS = Table(
    "documents",
    "Documents",
    (
        column("id", "id", "The document."),
        column("title", "text", "Its title."),
        *_reference("publisher", "Who published it."),
        column("dateline", "text", "The dateline as printed."),
        *date_columns("published", "When it was published.", "published"),
        column("language", "id", "Its language (BCP 47)."),
        column("url", "url", "Its address."),
        column("archived_url", "url", "The address of an archived copy."),
        column("accessed", "date", "When it was last seen at its address."),
        column("media_type", "id", "Of what its text was taken from."),
        column("file", "text", "The name of the file of its text."),
        column("sha256", "id", "SHA-256 of that file."),
        column("length", "integer", "Length of that file in code points."),
        column("status", "id", "Whether it stands as published, was corrected or retracted."),
        column("status_date", "date", "Since when it has that status.", "status_note.date"),
        column("status_note", "text", "What is known of the status.", "status_note.text"),
        _count("that rest on it"),
    ),
    key=("id",),
    refers=(("publisher", "agents"),),
)
AGENTS = Table(
    "agents",
    "Agents",
    (
        column("id", "id", "The agent."),
        column("name", "text", "What it is called."),
        column("kind", "id", "Kind of agent."),
        _OTHER_NAMES,
        _IDENTIFIERS,
        _COUNTRY,
        column(
            "reliability",
            "id",
            "Admiralty grade of the source, from A (reliable) to F (cannot be judged).",
            "reliability.grade",
        ),
        column("reliability_rationale", "text", "The reason for it.", "reliability.rationale"),
        column("origin_group", "id", "The origin that it shares with other agents."),
        _count("that name it"),
    ),
    key=("id",),
)
TOPICS = Table(
    "topics",
    "Topics",
    (
        column("id", "id", "The topic."),
        column("label", "text", "What it is called."),
        column("definition", "text", "What belongs to it."),
        *_reference("broader", "The topic above it."),
        column("cap_major", "integer", "Major topic of the Comparative Agendas Project."),
        column(
            "codes",
            "texts",
            "Its categories in other schemes, each `scheme:code`.",
            _pairs("codes", "code"),
        ),
        _count("on it or on a narrower topic"),
    ),
    key=("id",),
    refers=(("broader", ""),),
)
OCCASIONS = Table(
    "occasions",
    "Occasions",
    (
        column("id", "id", "The occasion."),
        column("name", "text", "What it is called."),
        column("series", "id", "The series that it belongs to."),
        *date_columns("dates", "When it took place.", "dates"),
        *_reference("organizer", "Who held it."),
        *_reference("part_of", "The larger occasion in whose course it took place."),
        _count("announced at it"),
    ),
    key=("id",),
    refers=(("organizer", "agents"), ("part_of", "")),
)
PLACES = Table(
    "places",
    "Places",
    (
        column("id", "id", "The place."),
        column("name", "text", "What it is called."),
        _OTHER_NAMES,
        *_reference("within", "The place that it lies in."),
        _COUNTRY,
        _IDENTIFIERS,
        column("latitude", "number", "Degrees north (WGS 84).", _point("lat")),
        column("longitude", "number", "Degrees east (WGS 84).", _point("lon")),
        _count("of what happens there"),
    ),
    key=("id",),
    refers=(("within", ""),),
)
VOCABULARY_TABLES = {table.name: table for table in (DOCUMENTS, AGENTS, TOPICS, OCCASIONS, PLACES)}
"""By the name of the vocabulary."""
