"""Build the Dockerfile, run the image as it should be run, and hold it to the contract.

No Docker engine is needed: buildah builds in a chroot, on a base that mmdebstrap makes of Debian's
packages (``docker.io/python``, which the Dockerfile names, may be out of reach), and podman runs
the image with runc: file system read-only, no capability, no new privileges, little memory. Then:
the image's own health check, the contract (schemathesis; CONTRACT_SECONDS, here 30), and SIGTERM
while an answer is under way.

Exit 0 when all holds, 1 when something does not, and 3 where it could not be tried: that is neither
good nor bad, and said in capital letters.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

from engine import IMAGE, MEMORY, NAME, REVISION, Engine, NotChecked, Wrong, run, with_packages
from live_contract import _free_port, faults_in, try_contract

CLAIMS = 8000
"""Of them the whole export has 13 MB, which no kernel holds for a client that reads slowly."""
USER = 65532
NOT_CHECKED = 3
"""Exit status, the same as that of .ci/audit.py."""


def make_dataset(place: Path) -> Path:
    """A built data set that is large enough for an answer to be under way for a while."""
    run(sys.executable, "-m", "benchmarks.generate", "--claims", str(CLAIMS),
        "--out", place / "fixtures", "--json")  # fmt: skip
    run(sys.executable, "-m", "service.cli", "build", "--fixtures", place / "fixtures",
        "--out", place / "datasets")  # fmt: skip
    place.chmod(0o755)
    return next(path for path in (place / "datasets").iterdir() if path.name[0] != ".")


def confined(engine: Engine) -> None:
    """What the kernel says of the process: not root, no capability, none to be had, a limit."""
    pid = engine.inspect("container", NAME)["State"]["Pid"]
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    status = {name: value.split() for name, _, value in (line.partition(":") for line in lines)}
    none = {name: ["0" * 16] for name in ("CapPrm", "CapEff", "CapBnd", "CapAmb")}
    expected = {"Uid": [str(USER)] * 4, "NoNewPrivs": ["1"], **none}
    found = {name: status[name] for name in expected}
    if found != expected:
        raise Wrong(f"the process has {found}")
    if memory_limit(pid) != MEMORY:
        raise Wrong(f"its memory is limited to {memory_limit(pid)} bytes")
    for place in ("/", "/opt/policy-claims"):
        code = f"import pathlib; pathlib.Path({place!r}, 'written').touch()"
        if "Read-only file system" not in failing(engine, "python", "-c", code):
            raise Wrong(f"{place} can be written")


def memory_limit(pid: int) -> int:
    """In bytes, from whichever kind of control group the machine has."""
    for line in Path(f"/proc/{pid}/cgroup").read_text().splitlines():
        _, kinds, path = line.split(":", 2)
        for file in (f"memory{path}/memory.limit_in_bytes", f"{path[1:]}/memory.max"):
            limit = Path("/sys/fs/cgroup", file)
            if kinds in ("", "memory") and limit.exists() and limit.read_text().strip() != "max":
                return int(limit.read_text())
    return 0


def failing(engine: Engine, *command: str) -> str:
    """What a command says that must fail in the container."""
    try:
        return f"(it did not fail) {engine.podman('exec', NAME, *command)}"
    except subprocess.CalledProcessError as error:
        return str(error.stdout)


def healthy(engine: Engine) -> None:
    """The image's own check, which an orchestrator would run."""
    kind, *command = engine.inspect("image", IMAGE)["Healthcheck"]["Test"]
    if kind != "CMD":
        raise Wrong(f"the health check needs a shell: {kind}")
    engine.podman("exec", NAME, *command)
    if "No module named pip" not in failing(engine, "python", "-m", "pip", "--version"):
        raise Wrong("the image has a package installer")


def says_what_it_is(engine: Engine) -> None:
    """Its labels, and the bill of materials that one of them leads to."""
    labels = engine.inspect("image", IMAGE)["Labels"]
    if labels["org.opencontainers.image.revision"] != REVISION:
        raise Wrong(f"the image does not say what it was built from: {labels}")
    bill = json.loads(engine.podman("exec", NAME, "cat", labels["org.cyclonedx.bom"]))
    told = {each["name"] for each in bill["components"]}
    if "flask" not in told or "pip" in told or len(told) < 10:
        raise Wrong(f"the bill of materials lists {sorted(told)}")


def keeps_contract(engine: Engine, port: int) -> None:
    os.environ.setdefault("CONTRACT_SECONDS", "30")
    # Metrics are an extra, which the image leaves out: a 404 that the contract allows.
    if try_contract(port, "--exclude-path", "/metrics"):
        raise Wrong("it does not keep the contract")
    if faults := faults_in(engine.log()):
        raise Wrong("\n".join(["it logged faults of its own:", *faults[:20]]))


def ends_well(engine: Engine, port: int) -> None:
    """SIGTERM while a client is reading an export: it gets all of it, and the exit code is 0."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", "/v1/claims.ndjson")
    answer = connection.getresponse()
    received = len(answer.read(100_000))
    engine.podman("kill", "--signal", "TERM", NAME)
    time.sleep(2)
    if not engine.inspect("container", NAME)["State"]["Running"]:
        raise Wrong("it did not wait for the answer under way")
    received += len(answer.read())
    connection.close()
    whole = int(answer.headers["Content-Length"])
    code = int(engine.podman("wait", NAME, seconds=60))
    if (received, code) != (whole, 0):
        raise Wrong(f"{received} of {whole} bytes arrived, and it ended with {code}")
    print(f"ok: all {whole:,} bytes of an answer arrived after SIGTERM", flush=True)


def step(title: str, work: Callable[[], Any]) -> Any:
    begun = time.monotonic()
    result = work()
    print(f"ok: {title} ({time.monotonic() - begun:.0f} s)", flush=True)
    return result


def try_image(engine: Engine, place: Path) -> None:
    """All that is promised of the image. Raises ``Wrong``, or ``CalledProcessError``."""
    port = _free_port()
    step("the Dockerfile builds", engine.build)
    with engine.running(port):
        step("it is confined", lambda: confined(engine))
        step("it is healthy, and has no installer", lambda: healthy(engine))
        step("it says what it is", lambda: says_what_it_is(engine))
        step("it keeps the contract", lambda: keeps_contract(engine, port))
    dataset = step(f"{CLAIMS:,} claims", lambda: make_dataset(place / "data"))
    with engine.running(port, dataset):
        step("it ends well", lambda: ends_well(engine, port))


def main() -> int:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        engine = Engine(Path(folder))
        try:
            step("the tools", with_packages)
            step("a base, and a container on it", engine.base)
            try_image(engine, Path(folder))
        except NotChecked as reason:
            print(f"NOT CHECKED: {reason}\nNOT CHECKED: the Dockerfile built, the image run")
            return NOT_CHECKED
        except Wrong as reason:
            print(f"WRONG: {reason}")
            return 1
        except subprocess.CalledProcessError as error:
            print(f"{error.stdout[-4000:]}\nWRONG: {error.cmd[0]} ended with {error.returncode}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
