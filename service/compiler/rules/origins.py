"""How many origins, independent of each other, stand behind each claim (codebook, rule 9)."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence

from service.compiler.read import PlainRecord
from service.compiler.rules.facts import ClaimFacts, RecordsById

JOINING = ("restates", "supports")
"""Relations that bring a further witness for the same proposition, in either direction."""
_UNKNOWN = ""
"""The origin of all agents of which nobody knows who they are: two unknown ones need not differ."""


def independent_origins(claims: Sequence[ClaimFacts], known: RecordsById) -> dict[str, int]:
    """By claim id, how many distinct origins stand behind it; of claims left out it is one.

    Counted are the claim itself and the claims joined to it directly by
    ``restates`` or ``supports``, either way; not theirs in turn, since a claim
    that supports another says nothing of what a third one restates. A document's
    own voice is no witness: a headline rests on the dispatch that the text below
    it cites.
    """
    origin_of = _origins(claims, known)
    joined = {claim.id: claim.targets(*JOINING) for claim in claims if claim.relations}
    involved = {*joined, *(target for targets in joined.values() for target in targets)}
    origin = {
        claim.id: {origin_of(claim)}
        for claim in claims
        if claim.id in involved and not claim.narrated
    }
    behind = {identifier: set(origin.get(identifier, ())) for identifier in involved}
    for identifier, targets in joined.items():
        for target in targets:
            behind[identifier] |= origin.get(target, set())
            behind[target] |= origin.get(identifier, set())
    return {identifier: len(origins) for identifier, origins in behind.items() if len(origins) > 1}


def distinct_origins(claims: Sequence[ClaimFacts], known: RecordsById) -> int:
    """How many origins all claims together have; a document's own voice is none."""
    origin_of = _origins(claims, known)
    return len({origin_of(claim) for claim in claims if not claim.narrated})


def _origins(claims: Sequence[ClaimFacts], known: RecordsById) -> Callable[[ClaimFacts], str]:
    """What tells the origin of a claim that cites somebody."""
    group = _Groups(claims, known["agents"]).group
    first_printed = _first_publishers(known["documents"].values())
    return lambda claim: group(first_printed.get(claim.printed_in, claim.origin))


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

    def __init__(self, claims: Iterable[ClaimFacts], agents: Mapping[str, PlainRecord]) -> None:
        self._own = {
            name: agent["origin_group"] or (_UNKNOWN if agent["kind"] == "unnamed" else name)
            for name, agent in agents.items()
        }
        self._through: dict[str, str] = {}
        chains: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        for claim in claims:
            if not claim.narrated:
                chains[claim.origin].add(claim.relayers)
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
