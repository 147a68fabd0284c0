"""What pages call records: an unnamed publisher by its article, and two of one name told apart.

A claim in a document's own voice has the publisher of that document as its source. Where the
document names none, the made-up name of that agent says nothing that a reader needs, and is longer
than most claims: pages say “the article itself”.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any
from weakref import WeakKeyDictionary

from schemas.filter_kinds import ServedClaim, ServedRecord
from schemas.folding import fold
from schemas.records.description import Description
from schemas.records.vocabularies import UNNAMED
from service.explorer.words import date_words
from service.store.protocol import Store

ARTICLE, _ARTICLE_OF = "the article itself", "The article itself:"
MAX_READ = 20_000
"""Records of a vocabulary up to which all are read for their names; of more, names stay as they are
recorded."""
_AGENT_KEYS = ("actors", "addressees", "about")
_names: WeakKeyDictionary[Store, dict[str, dict[str, str]]] = WeakKeyDictionary()


def display_name(vocabulary: str, identifier: str, store: Store) -> str | None:
    """What a list of records calls one of them; ``None`` where there is no such record."""
    names = _names.setdefault(store, {})
    if vocabulary not in names:
        names[vocabulary] = _special(vocabulary, store)
    return names[vocabulary].get(identifier) or store.vocabularies[vocabulary].name(identifier)


def own_language(about: Description) -> str | None:
    """The language of what a data set says itself; ``None`` for English, the pages' own, and
    where it names none or several.
    """
    languages = [tag for tag in about.languages if tag.partition("-")[0].lower() != "en"]
    return languages[0] if len(languages) == len(about.languages) == 1 else None


def is_article(agent: str, store: Store) -> bool:
    """Whether an agent is the publisher of a document that names none."""
    name = display_name("agents", agent, store)
    return name is not None and name.startswith(_ARTICLE_OF)


def with_article(agent: Mapping[str, Any], store: Store) -> dict[str, Any]:
    """A reference to an agent, by the name that a text about claims has for it."""
    return {**agent, "name": ARTICLE} if is_article(agent["id"], store) else dict(agent)


def with_articles(claim: ServedClaim, store: Store) -> ServedClaim:
    """A claim in which unnamed publishers are called “the article itself”."""

    def called(reference: Mapping[str, Any]) -> dict[str, Any]:
        return with_article(reference, store)

    def chain(of: Mapping[str, Any]) -> list[dict[str, Any]]:
        return [{**link, "agent": called(link["agent"])} for link in of["sources"]]

    return {
        **claim,
        **{key: [called(agent) for agent in claim[key]] for key in _AGENT_KEYS},
        "sources": chain(claim),
        "alternatives": [{**each, "sources": chain(each)} for each in claim["alternatives"]],
        "quotes": [{**each, "speaker": called(each["speaker"])} for each in claim["quotes"]],
    }


def _special(name: str, store: Store) -> dict[str, str]:
    """The names that differ from those of the records, by id."""
    vocabulary = store.vocabularies[name]
    if max(len(vocabulary), len(store.vocabularies["documents"])) > MAX_READ:
        return {}
    records = {record["id"]: record for record in vocabulary}
    names = _articles(store, records) if name == "agents" else {}
    called = {each: names.get(each, str(one[vocabulary.name_key])) for each, one in records.items()}
    times = Counter(map(fold, called.values()))
    alike = defaultdict[str, list[str]](list)
    for identifier, words in called.items():
        if times[fold(words)] > 1:
            alike[fold(words)].append(identifier)
    for ids in alike.values():
        for identifier, telling in zip(ids, _told_apart(ids, records), strict=True):
            names[identifier] = f"{called[identifier]} ({telling})"
    return names


def _articles(store: Store, agents: Mapping[str, ServedRecord]) -> dict[str, str]:
    """The publishers without a name, each called by the title of its document."""
    return {
        publisher: f"{_ARTICLE_OF} “{document['title']}”"
        for document in store.vocabularies["documents"]
        for publisher in [document["publisher"]["id"]]
        if agents[publisher]["kind"] == UNNAMED
    }


def _told_apart(ids: list[str], records: Mapping[str, ServedRecord]) -> list[str]:
    """For each of some records of one name, a word that none of the others has; at last its id."""
    rows = [list(_tellings(records[each])) for each in ids]
    for column in zip(*rows, strict=True):
        if None not in column and len(set(column)) == len(column):
            return [str(value) for value in column]
    return ids


def _tellings(record: Mapping[str, Any]) -> Iterator[str | None]:
    """What may tell a record from another of the same name."""
    kind, within = record.get("kind"), record.get("within") or record.get("broader")
    date = record.get("dates") or record.get("published")
    yield kind and kind.replace("_", " ")
    yield record.get("country")
    yield within and within["name"]
    yield date and date_words(date["edtf"])
