"""How many origins, independent of each other, stand behind each claim (codebook, rule 9)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping

from service.compiler.read import PlainRecord
from service.compiler.rules.facts import Facts, RecordsById

JOINING = ("restates", "supports")
"""Relations that bring a further witness for the same proposition, in either direction."""
_UNKNOWN = ""
"""The origin of all agents of which nobody knows who they are: two unknown ones need not differ."""


_INDEPENDENT = """
    WITH witness (place, other) AS (
        SELECT relation.place, claim.place FROM relation JOIN claim ON claim.id = relation.target
            WHERE type IN (?, ?)
        UNION ALL
        SELECT claim.place, relation.place FROM relation JOIN claim ON claim.id = relation.target
            WHERE type IN (?, ?)
    ), behind (place, other) AS (SELECT * FROM witness UNION ALL SELECT place, place FROM witness)
    INSERT INTO independent
    SELECT behind.place, count(DISTINCT origin(claim.origin, printed_in)) AS origins
    FROM behind JOIN claim ON claim.place = other WHERE NOT narrated
    GROUP BY behind.place HAVING origins > 1"""


def find_independent_origins(facts: Facts, known: RecordsById) -> None:
    """Finds how many distinct origins stand behind each claim; where it is one, nothing is noted.

    Counted are the claim itself and the claims joined to it directly by
    ``restates`` or ``supports``, either way; not theirs in turn, since a claim
    that supports another says nothing of what a third one restates. A document's
    own voice is no witness: a headline rests on the dispatch that the text below
    it cites.
    """
    facts.function("origin", _origins(facts, known))
    facts.run(_INDEPENDENT, *JOINING, *JOINING)


def distinct_origins(facts: Facts, known: RecordsById) -> int:
    """How many origins all claims together have; a document's own voice is none."""
    origin_of = _origins(facts, known)
    voices = facts.find("SELECT DISTINCT origin, printed_in FROM claim WHERE NOT narrated")
    return len({origin_of(*voice) for voice in voices})


def _origins(facts: Facts, known: RecordsById) -> Callable[[str, str], str]:
    """What tells the origin of a claim that cites somebody, by the first of its chain and what that
    one printed.
    """
    group = _Groups(facts, known["agents"]).group
    first_printed = _first_publishers(known["documents"].values())

    def origin(first: str, printed_in: str) -> str:
        return group(first_printed.get(printed_in, first))

    return origin


def _first_publishers(documents: Iterable[PlainRecord]) -> dict[str, str]:
    """By document, who published its text first in the list: one text (one SHA-256) is one origin,
    under however many publishers.
    """
    first: dict[str, str] = {}
    return {each["id"]: first.setdefault(each["sha256"], each["publisher"]) for each in documents}


class _Groups:
    """The origin that each agent's information has.

    It is the group the agent is given, else the unknown for an agent without a
    name, else its own. An agent known only through another, since every chain
    that begins with it has relayers, all of one group, shares the group of these.
    An agent that no list has, which is a fault told elsewhere, is an origin of its own.
    """

    def __init__(self, facts: Facts, agents: Mapping[str, PlainRecord]) -> None:
        self._own = {
            name: agent["origin_group"] or (_UNKNOWN if agent["kind"] == "unnamed" else name)
            for name, agent in agents.items()
        }
        self._through: dict[str, str] = {}
        chains: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        cited = "SELECT DISTINCT origin, relayers FROM claim WHERE NOT narrated"
        for origin, relayers in facts.find(cited):
            chains[origin].add(tuple(relayers.split()))
        relayed = {agent: some for agent, some in sorted(chains.items()) if all(some)}
        while sum(self._shares(agent, some) for agent, some in relayed.items()):
            continue  # of an agent known through another, others may be known through both

    def group(self, agent: str) -> str:
        while agent in self._through:
            agent = self._through[agent]
        return self._own.get(agent, agent)

    def _shares(self, agent: str, chains: Iterable[tuple[str, ...]]) -> bool:
        """Whether an agent is found to share the group of its relayers; true once at most."""
        relayers = {relayer for chain in chains for relayer in chain}
        groups = {self.group(relayer) for relayer in relayers}
        if len(groups) > 1 or agent in self._through or self.group(agent) in groups:
            return False
        self._through[agent] = min(relayers)
        return True
