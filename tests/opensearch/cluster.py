"""Three nodes of OpenSearch on loopback, from the jars of Maven Central: for the tests, and to try
things out.

    python -m tests.opensearch.cluster start     starts them and prints the setting of the service
    python -m tests.opensearch.cluster stop      ends them, by their own process ids
    python -m tests.opensearch.cluster build     fetches the jars, which ``start`` does as well

They need a JDK of at least version 21 and Maven; ``missing`` says which of them there is not.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ENGINE = Path(__file__).resolve().parent / "engine"
ARTEFACTS = ENGINE.parents[2] / ".artefacts" / "opensearch"
"""Where the jars, and the files of the nodes that ``make cluster`` starts, are kept."""
HEAP = "384m"
"""Of each node: three of them with all that a JVM needs beside it stay below 2.5 GB."""
OLDEST_JAVA = 21
START_SECONDS = 180.0
NAMES = ("n1", "n2", "n3")
_FLAGS = (
    *(f"-Xms{HEAP}", f"-Xmx{HEAP}", "-XX:+UseG1GC", "-XX:G1ReservePercent=25"),
    *("-XX:InitiatingHeapOccupancyPercent=30", "-XX:MaxDirectMemorySize=96m"),
    *("-XX:ReservedCodeCacheSize=96m", "-Xss512k", "-Djava.awt.headless=true"),
    *("--enable-native-access=ALL-UNNAMED", "-Dlog4j2.statusLoggerLevel=OFF"),
)
_FOLLOWS = "-Dends.with.its.parent=true"
SETTINGS = {
    "cluster.name": "claims",
    "network.host": "127.0.0.1",
    "node.processors": "2",
    "cluster.initial_cluster_manager_nodes": ",".join(NAMES),
    "cluster.routing.allocation.disk.threshold_enabled": "false",
    "cluster.fault_detection.follower_check.timeout": "1s",
    "cluster.fault_detection.follower_check.retry_count": "2",
    "cluster.fault_detection.leader_check.timeout": "1s",
    "cluster.fault_detection.leader_check.retry_count": "2",
    "search.default_allow_partial_results": "false",
    "action.auto_create_index": "false",
    "action.destructive_requires_name": "true",
}
"""What the nodes are told, as docs/operating.md advises it for real ones."""


class ClusterFailed(RuntimeError):
    """The nodes did not come up; the message has the end of what they wrote."""


@functools.cache
def java_home() -> Path | None:
    """The newest JDK that can run a node, if there is one."""
    places = [*Path("/usr/lib/jvm").glob("*"), *filter(None, [_path("JAVA_HOME")])]
    versions = {place: _java_version(place) for place in places if (place / "bin/javac").exists()}
    newest = max(versions, key=lambda place: versions[place], default=None)
    return newest if newest and versions[newest] >= OLDEST_JAVA else None


def _path(name: str) -> Path | None:
    return Path(os.environ[name]) if os.environ.get(name) else None


def _java_version(home: Path) -> int:
    """The feature version of a JDK by its file ``release``; 0 where that does not tell."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        text = (home / "release").read_text()
        return int(text.split('JAVA_VERSION="')[1].split(".")[0].split('"')[0])
    return 0


def missing() -> str | None:
    """What is not there of that which the nodes need; ``None`` where all of it is."""
    if java_home() is None:
        return f"there is no JDK of version {OLDEST_JAVA} or newer"
    return None if shutil.which("mvn") or _classes().exists() else "there is no Maven (mvn)"


def _built() -> Path:
    """Where the jars of this version of the POM and of the node's program lie."""
    sources = b"".join((ENGINE / name).read_bytes() for name in ("pom.xml", "ClusterNode.java"))
    return ARTEFACTS / f"jars-{hashlib.sha256(sources).hexdigest()[:12]}"


def _classes() -> Path:
    return _built() / "classes" / "ClusterNode.class"


def build() -> Path:
    """The directory with the jars and the node's program; fetched and compiled once."""
    home, place = java_home(), _built()
    assert home is not None
    if not _classes().exists():
        pom, lib = ENGINE / "pom.xml", f"-DoutputDirectory={place / 'lib'}"
        _run("mvn", "-B", "-q", "-f", pom, "dependency:copy-dependencies", lib)
        program = ENGINE / "ClusterNode.java"
        _run(home / "bin/javac", "-cp", f"{place}/lib/*", "-d", _classes().parent, program)
    return place


def _run(*command: str | Path) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        raise ClusterFailed(f"{command[0]} failed: {(done.stdout + done.stderr)[-2_000:]}")


@dataclass
class ClusterNode:
    """One node: its ports, its directory, and its process while it runs."""

    name: str
    http: int
    transport: int
    home: Path
    published: int = 0
    """The port for other nodes where it is not that of the node itself."""
    pid: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http}"

    def start(self, seeds: Sequence[int], flags: Sequence[str]) -> None:
        home = java_home()
        assert home is not None
        self.home.mkdir(parents=True, exist_ok=True)
        settings = SETTINGS | {
            "path.home": str(self.home),
            "node.name": self.name,
            "http.port": str(self.http),
            "transport.port": str(self.transport),
            "transport.publish_port": str(self.published or self.transport),
            "discovery.seed_hosts": ",".join(f"127.0.0.1:{port}" for port in seeds),
        }
        jars = build()
        path = f"{jars}/classes:{jars}/lib/*"
        told = [f"{key}={value}" for key, value in settings.items()]
        command = [str(home / "bin/java"), *_FLAGS, *flags, "-cp", path, "ClusterNode", *told]
        stdin = subprocess.PIPE if _FOLLOWS in flags else subprocess.DEVNULL
        with (self.home / "log").open("ab") as log:
            process = subprocess.Popen(
                command, stdout=log, stderr=log, stdin=stdin, start_new_session=True
            )
        self.pid = process.pid
        _PROCESSES[process.pid] = process

    def send(self, number: int) -> None:
        """Sends a signal to the node's own process."""
        if self.pid:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self, number: int = signal.SIGKILL) -> None:
        """Ends the process, a frozen one too, and waits until it is gone."""
        self.send(number)
        self.send(signal.SIGCONT)
        if process := _PROCESSES.pop(self.pid, None):
            process.wait(60)
            if process.stdin is not None:
                process.stdin.close()
        self.pid = 0

    @property
    def resident_bytes(self) -> int:
        pages = int(Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    @property
    def cpu_seconds(self) -> float:
        """Processor time that the process has used."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


_PROCESSES: dict[int, subprocess.Popen[bytes]] = {}
"""Those that this process started, by id."""


class Cluster:
    """The nodes, and what one does to them."""

    def __init__(self, home: Path, nodes: Sequence[ClusterNode], flags: Sequence[str] = ()) -> None:
        self.home, self.nodes, self._flags = home, list(nodes), flags

    @classmethod
    def start(
        cls,
        home: Path,
        ports: Sequence[int] | None = None,
        quick: bool = True,
        follow: bool = True,
        published: Sequence[int] = (0, 0, 0),
    ) -> Cluster:
        """Starts the nodes and waits until they are one cluster. Raises ``ClusterFailed``.

        ``quick`` nodes compile less eagerly, which costs a short run less and a long one more.
        Nodes that ``follow`` end with the process that started them, however that ends. ``ports``
        are those for clients and those for other nodes, which ask at the ``published`` ones.
        """
        build()
        used = list(ports or free_ports(2 * len(NAMES)))
        places = zip(NAMES, used[: len(NAMES)], used[len(NAMES) :], published, strict=True)
        nodes = [
            ClusterNode(name, http, inner, home / name, at) for name, http, inner, at in places
        ]
        flags = [_FOLLOWS] * follow + ["-XX:TieredStopAtLevel=1"] * quick
        cluster = cls(home, nodes, flags)
        try:
            for node in nodes:
                cluster.start_node(node)
            cluster.wait()
        except BaseException:
            cluster.stop()
            raise
        return cluster

    def start_node(self, node: ClusterNode) -> None:
        node.start([each.published or each.transport for each in self.nodes], self._flags)

    def wait(self, nodes: int = len(NAMES), status: str = "yellow") -> None:
        """Until so many nodes are together and no index is worse than ``status``."""
        deadline, asked = time.monotonic() + START_SECONDS, {"timeout": "5s"}
        asked |= {"wait_for_nodes": str(nodes), "wait_for_status": status}
        while time.monotonic() < deadline:
            for node in self.nodes:
                with contextlib.suppress(requests.RequestException, ValueError):
                    health = requests.get(f"{node.url}/_cluster/health", asked, timeout=10).json()
                    if health.get("timed_out") is False:
                        return
            time.sleep(0.3)
        logs = "\n".join((node.home / "log").read_text()[-1_500:] for node in self.nodes)
        raise ClusterFailed(f"no cluster of {nodes} after {START_SECONDS} s\n{logs}")

    @property
    def urls(self) -> list[str]:
        return [node.url for node in self.nodes]

    def ask(self, method: str, path: str, **options: Any) -> Any:
        """What the first node that answers says to a request."""
        for node in self.nodes:
            with contextlib.suppress(requests.RequestException):
                answer = requests.request(method, node.url + path, timeout=30, **options)
                answer.raise_for_status()
                return answer.json()
        raise ClusterFailed("no node answers")

    def manager(self) -> ClusterNode:
        """The node that is elected to manage the cluster."""
        (elected,) = self.ask("GET", "/_cat/cluster_manager?format=json")
        return next(node for node in self.nodes if node.name == elected["node"])

    def stop(self) -> None:
        for node in self.nodes:
            node.send(signal.SIGKILL)
        for node in self.nodes:
            node.stop()
        shutil.rmtree(self.home, ignore_errors=True)

    @property
    def resident_bytes(self) -> int:
        return sum(node.resident_bytes for node in self.nodes if node.pid)

    @property
    def cpu_seconds(self) -> float:
        return sum(node.cpu_seconds for node in self.nodes if node.pid)


def free_ports(number: int) -> Iterator[int]:
    """Ports that nothing listens on at present."""
    with contextlib.ExitStack() as stack:
        for _ in range(number):
            listener = stack.enter_context(socket.socket())
            listener.bind(("127.0.0.1", 0))
            yield listener.getsockname()[1]


_PORTS = (9211, 9212, 9213, 9311, 9312, 9313)
_STATE = ARTEFACTS / "cluster.json"


def _begun(pid: int) -> str:
    """When a process began, which tells it from a later one with its id."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return ""


def main(command: str) -> int:
    """``start`` or ``stop``, for ``make cluster`` and ``make cluster-stop``; ``build`` fetches what
    the nodes need. Exit status 3 where they cannot be run.
    """
    reason = missing()
    if command in ("build", "start") and reason:
        print(f"NOT STARTED: {reason}", file=sys.stderr)
        return 3
    if command == "build":
        print(build())
    elif command == "start" and not _STATE.exists():
        cluster = Cluster.start(ARTEFACTS / "nodes", _PORTS, quick=False, follow=False)
        pids = {node.pid: _begun(node.pid) for node in cluster.nodes}
        _STATE.write_text(json.dumps(pids))
        print(f"CLAIMS_STORE={','.join(cluster.urls)}  ({cluster.resident_bytes / 1e6:.0f} MB)")
    elif command == "start":
        print(f"they run already; {_STATE} says as which processes", file=sys.stderr)
    elif command == "stop" and _STATE.exists():
        for pid, begun in json.loads(_STATE.read_text()).items():
            if _begun(int(pid)) == begun:
                os.kill(int(pid), signal.SIGTERM)
        _STATE.unlink()
        shutil.rmtree(ARTEFACTS / "nodes", ignore_errors=True)
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
