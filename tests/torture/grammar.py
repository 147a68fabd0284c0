"""A grammar of requests: what the contract knows, nearly that, and what nobody should send.

Requests are made for the WSGI side of a server, so that what gunicorn would refuse before the
application sees it is among them: the application must not depend on who stands before it.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, unquote_to_bytes

from schemas.filters import DIMENSIONS, vocabulary_of
from schemas.parameters import NONE
from schemas.query import ClaimQuery
from schemas.records.change import RETIRING, record_of
from schemas.records.vocabularies import VOCABULARIES
from service.contract import contract
from service.explorer.assets import assets
from service.explorer.filters import FACETS
from service.http.problem_types import PROBLEMS
from service.store.protocol import Store
from tests import test_strictness as strictness
from tests.contract_tools import Json, Operation, all_paths, resolved, written
from tests.torture import hostile_text as hostile

SERVER_NAME, SERVER_PORT = "inside.invalid", "64999"
"""No answer repeats them."""

BAD: Mapping[str, tuple[str, ...]] = {
    **strictness.FILTERS,
    **strictness.SORTING,
    **strictness.PAGING,
    **strictness.GROUPING,
    **strictness.EXCEL,
    **strictness.FOLLOWING,
    **strictness.FEEDS,
    **strictness.SIDES,
}
"""Values that look like good ones, by the parameter."""

SHARES = {
    "home": 1,
    "comparePage": 2,
    "goalsPage": 3,
    "getMetrics": 6,
    "getContractYaml": 4,
    "getContractJson": 4,
    "listClaims": 300,
    "listChanges": 15,
    "compareOccasions": 15,
    "exportClaimsCsv": 12,
    "claimPage": 25,
}
"""How often an operation is asked, where not 50 times: less often what takes milliseconds."""

RANGES = ("bytes=0-9", "bytes=-5", "bytes=7-", "bytes=99999999-")
"""What every export has, and what none has."""


@dataclass(frozen=True, slots=True)
class Request:
    """A request as a server hands it on; each character of its texts is a byte."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes = b""

    def __str__(self) -> str:
        """Enough to know it again by; its chunk and number lead to all of it."""
        return f"{self.method} {self.target!r} {self.headers}"[:1000]

    @property
    def path(self) -> str:
        """The path of the target, as it was sent."""
        return self.target.partition("?")[0].removeprefix("http://evil.invalid")

    def environ(self) -> dict[str, Any]:
        query = self.target.partition("?")[2]
        made = {
            "REQUEST_METHOD": self.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(self.path.encode("latin-1")).decode("latin-1"),
            "QUERY_STRING": query,
            "RAW_URI": self.target,
            "SERVER_NAME": SERVER_NAME,
            "SERVER_PORT": SERVER_PORT,
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "192.0.2.7",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(self.body),
            "wsgi.errors": None,
            "wsgi.multithread": True,
            "wsgi.multiprocess": True,
            "wsgi.run_once": False,
        }
        for name, value in self.headers.items():
            made[name if name.startswith("CONTENT_") else f"HTTP_{name}"] = value
        return made


class Known:
    """Ids and values that some data sets have, for requests that find something."""

    def __init__(self, stores: Sequence[Store], retired: Sequence[str]) -> None:
        ids = {name: _ids(stores, name) for name in VOCABULARIES}
        claims = sorted({claim for store in stores for claim in _claims(store)})
        self.claims, self.retired = claims, list(retired)
        self.path = {
            "claims": _often(claims, self.retired),
            **{name: _often(ids[name], _retired(stores, name)) for name in VOCABULARIES},
            "values": list(FACETS),
            "problems": list(PROBLEMS),
            "version": ["current", *(store.dataset.version for store in stores)],
            "file": contract()["components"]["schemas"]["KnownDatasetFile"]["enum"],
        }
        found = {name: _found(stores, name) for name in DIMENSIONS}
        of_vocabulary = {name: ids.get(vocabulary_of(name) or "", []) for name in found}
        self.values: dict[str, Sequence[str]] = {
            "id": self.path["claims"],
            **{name: [*found[name], *of_vocabulary[name], NONE] for name in found},
            **dict.fromkeys(("from", "to"), ids["occasions"]),
            **dict.fromkeys(("announced_from", "announced_to"), hostile.DAYS[:4]),
            **dict.fromkeys(("occurred_from", "occurred_to"), hostile.DAYS[:4]),
            "q": [text for text in hostile.TEXTS if len(text) < 150],
            "cursor": [*hostile.CURSORS[:7], *ids["topics"], *ids["documents"]],
            "since": ["0", "1", "20", "57", "999999999", *map(_position, stores)],
            "feed": [store.dataset.feed.id for store in stores],
        }


def _ids(stores: Sequence[Store], vocabulary: str) -> list[str]:
    return sorted({one["id"] for store in stores for one in store.vocabularies[vocabulary]})


def _retired(stores: Sequence[Store], vocabulary: str) -> list[str]:
    kind = VOCABULARIES[vocabulary].singular
    everything = [change for store in stores for change, _ in store.changes(0, 10_000).states]
    keys = {record_of(change) for change in everything if change["change"] in RETIRING}
    return sorted({key.id for key in keys if key.kind == kind})


def _often(ids: list[str], retired: list[str]) -> list[str]:
    """Ids to choose from: the few that were retired again and again, so that each is asked for."""
    return [*ids, *retired * (1 + len(ids) // 20)]


def _found(stores: Sequence[Store], dimension: str) -> list[str]:
    """The values of a dimension that claims have."""
    counted = (store.counts(ClaimQuery(), (dimension,)) for store in stores)
    keys = {group.keys[0] for counts in counted for group in counts.groups}
    return sorted(filter(None, keys))


def _claims(store: Store) -> list[str]:
    states = store.changes(0, 100).states
    return [change["claim"] for change, after in states if after and change["claim"]]


def _position(store: Store) -> str:
    """That of the first change, as the service gives it to follow the feed from."""
    return f"{store.dataset.feed.id}{1:08x}{store.log_digest(1)}"


def _allowed(schema: Json) -> list[str]:
    """Values that a schema lists, bounds or shows."""
    schema = resolved(schema)
    if "oneOf" in schema:
        return [value for each in schema["oneOf"] for value in _allowed(each)]
    if schema["type"] == "array":
        return _allowed(schema["items"])
    if schema["type"] == "boolean":
        return ["true", "false"]
    if schema["type"] == "integer":
        least, most = schema["minimum"], schema["maximum"]
        return [str(n) for n in (least, least + 1, 2, 3, (least + most) // 2, most)]
    return [*schema.get("enum", ()), *map(str, schema.get("examples", ()))]


class Grammar:
    """Makes one request after the other, each other by chance and the same for the same seed."""

    def __init__(self, rng: Random, known: Known) -> None:
        self._rng, self._known = rng, known
        self._operations = [
            (each.path, [*each.required], self._of(each), 416 in each.responses)
            for each in all_paths()
        ]
        shares = (SHARES.get(each.id, 50) for each in all_paths())
        self._shares = list(itertools.accumulate(shares))
        self._statics = [
            asset.address for asset in assets().values() if len(asset.content) < 50_000
        ]
        self._answered: dict[str, tuple[str, str]] = {}  # by the operation that was asked last
        self._asked = ""

    def start(self, seed: str) -> Random:
        """Begins anew from a seed."""
        self._rng.seed(seed)
        self._answered.clear()
        return self._rng

    def tell(self, target: str, tag: str | None) -> None:
        """Takes note of an answer, so that a later request may ask for it again."""
        if tag is not None:
            self._answered[self._asked] = (target, tag)

    def _of(self, operation: Operation) -> dict[str, list[str]]:
        """The values that each query parameter of an operation takes."""
        return {p["name"]: self._good(p) for p in operation.parameters("query")}

    def _good(self, parameter: Json) -> list[str]:
        """What some data set has, and what the contract allows or gives as an example."""
        known = self._known.values.get(parameter["name"], ())
        example = quote(written(parameter["example"]), safe=",")
        return [*known, *_allowed(parameter["schema"]), example]

    def request(self) -> Request:
        """The next request."""
        rng, chance = self._rng, self._rng.random
        if self._answered and chance() < 0.1:
            return self._again()
        path, required, good, ranged = rng.choices(self._operations, cum_weights=self._shares)[0]
        self._asked, target, query = path, self._path(path), self._query(required, good)
        target = f"{target}?{query}" if query else target
        if chance() < 0.04:
            target = self._mutated(target)
        elif chance() < 0.01:
            target = self._lengthened(rng.choice(self._operations)[0])
        method = "GET"
        if chance() < 0.2:
            method = self._one(("HEAD", "HEAD", "OPTIONS", self._one(hostile.METHODS)))
        headers = self._headers() if chance() < 0.5 else {}
        if ranged and chance() < 0.3:
            headers = {"RANGE": self._one(RANGES)}
        body = b"a" * int(chance() * 50) if method not in ("GET", "HEAD") else b""
        return Request(method, target, headers, body)

    def _again(self) -> Request:
        """What was answered before, asked for by somebody who has it, or says so."""
        self._asked = self._rng.choice([*self._answered])
        target, tag = self._answered[self._asked]
        forms = (tag, tag, f"W/{tag}", f'"x", {tag}', f"{tag},", tag[:-1], tag.strip('"'), "*")
        method = self._one(("GET", "GET", "GET", "HEAD", "OPTIONS", "POST"))
        precondition = "IF_NONE_MATCH" if self._rng.random() < 0.8 else "IF_MATCH"
        return Request(method, target, {**self._headers(), precondition: self._one(forms)})

    def _one(self, values: Sequence[str]) -> str:
        return values[int(self._rng.random() * len(values))]

    def _path(self, path: str) -> str:
        chance = self._rng.random()
        kind = path.partition("/{")[0].rpartition("/")[2]
        for name in re.findall(r"{(\w+)}", path):
            path = path.replace(f"{{{name}}}", self._id(kind if kind in self._known.path else name))
        if chance < 0.9:
            return path
        if chance < 0.94:
            return self._one(hostile.PATHS)
        if chance < 0.95:
            return self._one(self._statics)
        if chance < 0.96:
            return f"http://evil.invalid{path}"
        return self._spoiled(path)

    def _spoiled(self, path: str) -> str:
        """A path with something hostile somewhere in it."""
        evil = self._one(
            (self._one(hostile.BYTES), self._one(hostile.PATHS), ".jsonld", ".csv", "/")
        )
        place = int(self._rng.random() * (len(path) + 1))
        return f"{path[:place]}{evil}{path[place:]}" if self._rng.random() < 0.5 else path + evil

    def _id(self, kind: str) -> str:
        """An id for a path: one that is there, one like it, or anything."""
        known = self._known.path[kind]
        chance = self._rng.random()
        if chance < 0.75:
            return self._one(known)
        if chance < 0.9:
            return self._near(self._one(known))
        return self._one(hostile.ANY)

    def _near(self, text: str) -> str:
        """A text that differs in one place."""
        place = int(self._rng.random() * len(text))
        other = self._one(("", text[place].upper(), "0", "i", "-", "_", text[place] * 2, "%C3%A9"))
        return text[:place] + other + text[place + 1 :]

    def _query(self, required: Sequence[str], good: Mapping[str, Sequence[str]]) -> str:
        names = [*required] if self._rng.random() < 0.97 else []
        chance = self._rng.random()
        if good and chance < 0.93:
            names += self._rng.choices([*good], k=(0, 1, 1, 1, 2, 2, 3, 5)[int(chance * 8.6)])
            names = names if self._rng.random() < 0.05 else [*dict.fromkeys(names)]
        elif chance > 0.95:
            names.append(self._one([*BAD, self._one(hostile.ANY), "lmit", "ID", "topics", "page"]))
        if "limit" in good and "limit" not in names and self._rng.random() < 0.7:
            names.append("limit")  # small pages, so that there is time for many
        pieces = [f"{name}={self._value(name, good.get(name, ('1',)))}" for name in names]
        chance = self._rng.random()
        if chance < 0.05:
            pieces.append(self._one(hostile.ANY))
        elif chance > 0.998:
            pieces += [f"l{number:x}" for number in range(int(self._rng.random() * 2_000))]
        return self._one("&&&&&&&;").join(pieces) if len(pieces) > 1 else "".join(pieces)

    def _value(self, name: str, good: Sequence[str]) -> str:
        chance = self._rng.random()
        if chance < 0.85:
            several = chance < 0.12 and name not in ("q", "sort", "limit", "cursor", "since")
            return ",".join(self._rng.choices(good, k=3)) if several else self._one(good)
        if chance < 0.9:
            return self._one(BAD.get(name, hostile.NUMBERS))
        if chance < 0.93:
            return self._near(self._one(good))
        if chance < 0.935:
            return ",".join(self._rng.choices(good, k=int(self._rng.random() * 1200)))
        return self._one(hostile.ANY)

    def _headers(self) -> dict[str, str]:
        chance, names = self._rng.random, [*hostile.HEADERS]
        made = {}
        for name in self._rng.choices(names, k=1 + int(chance() * 3)):
            made[name] = self._one(hostile.HEADERS[name])
        if chance() < 0.3:
            made["ACCEPT_ENCODING"] = "gzip"
        if chance() < 0.05:
            made[self._one(names)] = self._mutated(self._one(hostile.ANY))
        return made

    def _lengthened(self, target: str) -> str:
        """As long as a request line may be, or a little longer, or much."""
        size = self._rng.choice((8175, 8176, 8177, 8178, 8179, 9000, 30_000)) - len(target)
        return (
            f"{target}{'&' if '?' in target else '?'}{self._one(('x=', 'q=', 'id='))}{'a' * size}"
        )

    def _mutated(self, text: str) -> str:
        """A text some bytes of which were changed, put in, left out or said again."""
        for _ in range(1 + int(self._rng.random() * 3)):
            start, chance = int(self._rng.random() * (len(text) + 1)), self._rng.random()
            if chance < 0.5:
                byte = chr(int(self._rng.random() * 256))
                text = text[:start] + byte + text[start + (chance < 0.25) :]
            elif chance < 0.7:
                text = text[:start] + text[start + 1 + int(chance * 5) :]
            elif chance < 0.97:
                text = text[:start] + text[max(0, start - 9) :]
            else:
                text = text[:start] + text[:90] * int(self._rng.random() * 100) + text[start:]
        return text
