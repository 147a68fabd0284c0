"""buildah, podman and mmdebstrap: a base, an image and a container without a Docker engine."""

from __future__ import annotations

import ast
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from live_contract import _ready

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("buildah", "podman", "runc", "mmdebstrap")
BASE, IMAGE, NAME = "localhost/base", "localhost/policy-claims", "policy-claims"
REVISION = "0" * 40
"""What the image is told to be built from."""
SUITE = "bookworm"
"""Debian 12, whose Python is the oldest that the service runs on."""
MEMORY = 512 * 1024 * 1024
INDEX = ("index-url", "extra-index-url", "trusted-host", "proxy", "cert", "timeout")
"""Settings of pip that say where packages come from."""

# The limits of processes are said outright: podman would ask for more than a machine may give. The
# health check is run by itself; podman's own timer needs systemd.
LIMITS = ("--read-only", "--tmpfs", "/tmp", "--cap-drop", "all", "--no-healthcheck",
          "--security-opt", "no-new-privileges", "--memory", str(MEMORY), "--pids-limit", "128",
          "--ulimit", "nofile=1024:4096", "--ulimit", "nproc=1024:1024")  # fmt: skip


class NotChecked(Exception):
    """Something that this machine lacks; the message says what."""


class Wrong(Exception):
    """Something that the image does not do as promised."""


def run(*command: str | Path, seconds: int = 600) -> str:
    """What a command prints. Raises ``CalledProcessError``, which holds that too."""
    done = subprocess.run(
        [str(word) for word in command], cwd=ROOT, text=True, timeout=seconds, check=False,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if done.returncode:
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout)
    return done.stdout


def with_packages() -> None:
    """Debian's packages, where root may install them in CI. Raises ``NotChecked``."""
    missing = [name for name in PACKAGES if not shutil.which(name)]
    if missing and os.environ.get("CI") == "true" and not os.geteuid() and shutil.which("apt-get"):
        # In "run level" 1 packages do not start their services.
        os.environ.update(DEBIAN_FRONTEND="noninteractive", RUNLEVEL="1")
        try:
            run("apt-get", "update", "-qq")
            run("apt-get", "install", "-yqq", "--no-install-recommends", *missing)
        except subprocess.CalledProcessError as error:
            print(error.stdout[-2000:])
        missing = [name for name in PACKAGES if not shutil.which(name)]
    if missing:
        raise NotChecked(f"{', '.join(missing)} cannot be found")
    if os.geteuid():
        raise NotChecked("only root can make a base and run containers here")


class Engine:
    """buildah and podman, with a storage of their own that goes with the folder it is in."""

    def __init__(self, place: Path) -> None:
        self._place = place
        self._policy = place / "policy.json"
        self._policy.write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        # overlay is quicker by minutes, vfs works on every file system.
        self._storage = self._kept_by("overlay")
        try:
            self.podman("info")
        except (OSError, subprocess.CalledProcessError):
            self._storage = self._kept_by("vfs")

    def _kept_by(self, driver: str) -> tuple[str | Path, ...]:
        images, state = self._place / driver / "images", self._place / driver / "run"
        return "--root", images, "--runroot", state, "--storage-driver", driver

    def podman(self, *words: str | Path, seconds: int = 600) -> str:
        # crun, podman's first choice, refuses machines that have both kinds of control groups.
        how = ("--runtime", "runc", "--cgroup-manager", "cgroupfs")
        return run("podman", *self._storage, *how, *words, seconds=seconds)

    def base(self) -> None:
        """A Debian with ``python`` in it, proved to run. Raises ``NotChecked``."""
        archive = self._place / "base.tar"
        try:
            run("mmdebstrap", "--variant=minbase", SUITE, archive,
                "--include=python3,python3-venv,python-is-python3")  # fmt: skip
            self.podman("import", archive, BASE)
            self.podman("run", "--rm", "--network", "host", *LIMITS, BASE, "python", "--version")
        except subprocess.CalledProcessError as error:
            print(error.stdout[-2000:])
            raise NotChecked(f"{error.cmd[0]} does not work on this machine") from error

    def build(self) -> None:
        """The Dockerfile on that base, with pip's settings and certificates of this machine."""
        settings, volumes = pip_settings(), []
        if settings:
            conf = self._place / "pip.conf"
            lines = (f"{name} = {value}" for name, value in settings.items())
            conf.write_text("\n".join(["[global]", *lines, ""]))
            volumes = [f"{conf}:/etc/pip.conf:ro"]
        if "cert" in settings:
            volumes.append(f"{settings['cert']}:{settings['cert']}:ro")
        run("buildah", *self._storage, "build", "--signature-policy", self._policy,
            # docker's own format: the other one has no health check.
            "--isolation", "chroot", "--format", "docker", "--network", "host",
            *(word for volume in volumes for word in ("--volume", volume)),
            "--build-arg", f"BASE={BASE}", "--build-arg", f"REVISION={REVISION}",
            "--tag", IMAGE, ".", seconds=1200)  # fmt: skip

    @contextmanager
    def running(self, port: int, dataset: Path | None = None) -> Iterator[None]:
        """The image as a container, over the shipped data or another, while the block lasts."""
        settings = {"HOST": "127.0.0.1", "PORT": str(port), "WEB_CONCURRENCY": "2"}
        mounts: tuple[str, ...] = ()
        if dataset is not None:
            settings["CLAIMS_DATASET"] = "/data"
            mounts = ("--volume", f"{dataset}:/data:ro")
        variables = [word for item in settings.items() for word in ("--env", "=".join(item))]
        self.podman("run", "--detach", "--name", NAME, "--network", "host", *LIMITS, *variables,
                    *mounts, IMAGE)  # fmt: skip
        try:
            until_ready(self, port)
            yield
        finally:
            self.podman("rm", "--force", NAME)

    def inspect(self, what: str, name: str) -> Any:
        return json.loads(self.podman(what, "inspect", name))[0]

    def log(self) -> str:
        return self.podman("logs", NAME)


def until_ready(engine: Engine, port: int) -> None:
    for _ in range(600):
        if _ready(port):
            return
        time.sleep(0.1)
    raise Wrong(f"it was not ready within a minute:\n{engine.log()[:2000]}")


def pip_settings() -> dict[str, str]:
    """Where pip gets packages from on this machine, whichever way it was told."""
    found: dict[str, str] = {}
    for line in run(sys.executable, "-m", "pip", "config", "list").splitlines():
        name, is_setting, value = line.partition("=")
        name = name.rpartition(".")[2].removeprefix("default-")
        if is_setting and name in INDEX:
            words = str(ast.literal_eval(value)).split()
            remote = [word for word in words if not word.startswith("file:")]
            if remote:
                found[name] = " ".join(remote)
    return found
