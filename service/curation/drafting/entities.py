"""Who is meant: the names that a text has used, and what it has called whom."""

from service.curation.drafting.lexicon import CUTS, ORGANISATION
from service.curation.drafting.phrases import Phrase, bare, is_body

_MALE = frozenset({"he", "his", "him", "mr", "sir", "lord", "king"})
_FEMALE = frozenset({"she", "her", "ms", "mrs", "lady", "queen"})


class Entities:
    """Those who were named in a text so far, in the order in which it names them."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}
        self._called: dict[str, str] = {}
        self._gender: dict[str, bool] = {}
        self._last: dict[bool, str] = {}
        self._bodies: set[str] = set()
        self.person: str | None = None
        self.body: str | None = None
        self.speaker: str | None = None
        self._unknown: str | None = None

    def learn(self, name: str, description: str = "") -> str:
        """Takes note of a name, and of what it is described as; returns the full name."""
        full = self.full(name)
        for word in (full.casefold(), full.split()[-1].casefold(), full.split()[0].casefold()):
            self._names.setdefault(word, full)
        for part in _last_words(description):
            self._called[part] = full
            if part in ORGANISATION:
                self._bodies.add(full)
        if is_body(full):
            for word in full.casefold().split():
                if word in ORGANISATION:
                    self._called[word] = full
        if " " in full and full not in self._gender and not is_body(full):
            self._unknown = full
        words = {bare(word) for word in description.split()}
        if words & (_MALE | _FEMALE):
            self._gender[full] = bool(words & _FEMALE)
            self._last[self._gender[full]] = full
        return full

    def call(self, short: str, name: str) -> None:
        """Takes note of another name, such as an abbreviation in brackets."""
        self._names[short.casefold()] = self.full(name)

    def full(self, name: str) -> str:
        """The fullest form in which a name has stood."""
        known = self._names.get(name.casefold())
        if known is None and " " not in name.strip():
            known = self._names.get(name.rpartition("-")[2].casefold()) if "-" in name else None
        return known if known and len(known) >= len(name) else name

    def resolve(self, found: Phrase) -> tuple[str | None, str]:
        """Whom a phrase means, and how they are mentioned."""
        if found.mention == "pronoun":
            return self._meant(found.description), "pronoun"
        if found.mention == "name":
            known = " " in found.name or found.name.casefold() in self._names
            if known or found.description:
                return self.learn(found.name, found.description), "name"
            return self.full(found.name), "nominal"  # a word that begins a sentence
        if found.definite:
            for part in _last_words(found.description):
                if part in self._called:
                    return self._called[part], "nominal"
        return found.description, "nominal"

    def _meant(self, pronoun: str) -> str | None:
        if pronoun in ("i", "we"):
            return self.speaker
        if pronoun in ("it", "they"):
            return self.body if pronoun == "it" else self.body or self.person
        if self.person is not None and pronoun in _MALE | _FEMALE:
            self._gender.setdefault(self.person, pronoun in _FEMALE)
            if self._gender[self.person] != (pronoun in _FEMALE):
                return self._last.get(pronoun in _FEMALE, self._unknown)
        return self.person

    def spoke(self, name: str) -> None:
        """Somebody was the subject last, to whom a pronoun may go back; who is not named is no
        person that one could tell.
        """
        if name in self._bodies or is_body(name):
            self.body = name
        elif name[:1].isupper() and (" " in name or name.casefold() in self._names):
            self.person = name
            if name in self._gender:
                self._last[self._gender[name]] = name


def _last_words(description: str) -> list[str]:
    """What somebody described so may be called later: all of it, two words of it, the last one."""
    words = [bare(word) for word in description.split()]
    words = words[: next((n for n, word in enumerate(words) if n and word in CUTS), len(words))]
    sizes = [len(words), 2, 1]
    return list(dict.fromkeys(" ".join(words[-size:]) for size in sizes if 0 < size <= len(words)))
