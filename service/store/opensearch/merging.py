"""What is done once to indices that nothing is written to any more."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import chain
from typing import NamedTuple

from opensearchpy.exceptions import ConnectionTimeout, TransportError

from service.store.opensearch.door import Door, JsonObject
from service.store.opensearch.loading import LoadFailed

_LARGE = 100_000
"""Claims from which on it pays to wait half a minute for half of the disk."""
_PAUSE = 5.0
"""Seconds between two looks at merges that are under way."""
_SECONDS = 60.0
"""For each look."""
_HOURS = 6


class _State(NamedTuple):
    """Segments of the shard that has most, whether any are being merged, and whether documents are
    kept twice.
    """

    segments: int
    merging: bool
    retained: bool


def merge(door: Door, indices: Sequence[str], claims: int) -> None:
    """Makes one segment of each shard: a search looks into every segment. Where it takes longer
    than some hours, searches are slower, and that is all. Raises ``LoadFailed`` and
    ``DatasetUnavailable``.

    Until it merges the engine keeps each document twice, for copies of a shard that may have to
    catch up; within half a minute it learns that there are none, and then merging drops it.
    """
    names, asked = ",".join(indices), False
    ends = time.monotonic() + _HOURS * 3600
    while time.monotonic() < ends:
        # What lies in memory is no segment yet, and one that was merged into another still is.
        door.ask("POST", f"/{names}/_refresh", seconds=_SECONDS)
        state = _state(door, names)
        if state.segments <= 1:
            return
        if asked or state.merging or (claims >= _LARGE and state.retained):
            time.sleep(_PAUSE)
            asked = False
        else:
            # Merging drops only what lies in a commit already.
            door.ask("POST", f"/{names}/_flush", seconds=_SECONDS)
            _ask_to_merge(door, names)
            asked = True


def _state(door: Door, names: str) -> _State:
    level = {"level": "shards"}
    told = door.ask("GET", f"/{names}/_stats/segments,merge", seconds=_SECONDS, params=level)
    copies = (each for one in told["indices"].values() for each in one["shards"].values())
    shards = [*chain.from_iterable(copies)]
    return _State(
        max((each["segments"]["count"] for each in shards), default=0),
        any(each["merges"]["current"] for each in shards),
        any(map(_retains, shards)),
    )


def _retains(shard: JsonObject) -> bool:
    """Whether a shard still keeps documents for copies of it, by the numbers of its operations."""
    leases = shard["retention_leases"]["leases"]
    return any(each["retaining_seq_no"] <= shard["seq_no"]["max_seq_no"] for each in leases)


def _ask_to_merge(door: Door, names: str) -> None:
    """Waits for a while; the engine goes on without anybody who does."""
    one = {"max_num_segments": "1"}
    try:
        door.client.transport.perform_request("POST", f"/{names}/_forcemerge", one, timeout=_PAUSE)
    except ConnectionTimeout:
        pass
    except TransportError as error:
        raise LoadFailed(f"{names}: {error}") from error
