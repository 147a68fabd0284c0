"""The options of ``publish`` that are about a cluster, and what they do."""

import argparse
import sys

from service.cli import terminal
from service.config import Config, parse_nodes
from service.store.dataset_format import current
from service.store.protocol import DatasetUnavailable


def add_options(publishing: argparse.ArgumentParser) -> None:
    to = "nodes of an OpenSearch cluster into which the data set is put as well"
    publishing.add_argument("--to", type=_nodes, metavar="URL[,URL]", help=to)
    shards = "parts into which the cluster divides the claims (default: by their number)"
    publishing.add_argument("--shards", type=_number, metavar="N", help=shards)
    replicas = "further copies of each part, on other nodes (default: 1)"
    publishing.add_argument("--replicas", type=_number, default=1, metavar="N", help=replicas)
    loaders = "processes that load at the same time (default: 1)"
    publishing.add_argument("--loaders", type=_number, default=1, metavar="N", help=loaders)


def publish(options: argparse.Namespace) -> int:
    """Puts the current data set of a directory into a cluster, proves it there and makes it the one
    that its services answer from.
    """
    # Both load much that few commands need.
    from service.app import cluster_address
    from service.cli.proof import prove_store
    from service.store.opensearch.loading import LoadFailed
    from service.store.opensearch.publishing import Publisher
    from service.store.tantivy.store import open_store

    place = current(options.directory)
    assert place is not None
    address = cluster_address(Config.from_env(), options.to)
    publisher = Publisher(place, address, open_store(place))
    parts = {"shards": options.shards, "replicas": options.replicas, "loaders": options.loaders}
    try:
        with terminal.progress() as bars:
            publisher.publish(prove_store, bars.track, **parts)
    except (LoadFailed, DatasetUnavailable) as error:
        print(f"{error}; the cluster serves what it served before", file=sys.stderr)
        return 1
    print(f"the cluster serves {place.name}")
    return 0


def _nodes(text: str) -> tuple[str, ...]:
    nodes = parse_nodes(text)
    if not nodes:
        raise argparse.ArgumentTypeError("https://host:port, or several of them with commas")
    return nodes


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        raise argparse.ArgumentTypeError(f"{text!r} is no whole number up to 999")
    return int(text)
