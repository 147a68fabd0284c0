"""What is installed is what is locked, and nothing that came by another way."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.torture.promises import ROOT, promises

LOCKS = [ROOT / "requirements" / name for name in ("runtime.txt", "build.txt")]
PIP = [sys.executable, "-m", "pip", "--disable-pip-version-check"]


def _locked(lock: Path) -> dict[str, str]:
    """Name and version of what a lock file means for this Python and this system."""
    lines = lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines()
    found = {}
    for line in lines:
        if line and not line.startswith((" ", "#")):
            wanted = Requirement(line.partition(" --hash")[0])
            if wanted.marker is None or wanted.marker.evaluate():
                found[str(canonicalize_name(wanted.name))] = str(wanted.specifier)
    return found


def _installing(place: Path, lock: Path) -> subprocess.CompletedProcess[str]:
    """Install a lock file as the Dockerfile does, into an environment without an installer."""
    if not place.exists():
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(place)], check=True)
    options = ["install", "--quiet", "--require-hashes", "--only-binary", ":all:", "-r", str(lock)]
    command = [*PIP, "--python", str(place / "bin" / "python"), *options]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _installed(place: Path) -> dict[str, str]:
    command = [*PIP, "--python", str(place / "bin" / "python"), "list", "--format", "json"]
    listed = subprocess.run(command, capture_output=True, text=True, check=True)
    return {
        str(canonicalize_name(package["name"])): f"=={package['version']}"
        for package in json.loads(listed.stdout)
    }


def _tampered(lock: Path, name: str, target: Path) -> Path:
    """The same lock file, with other hashes for one package."""
    head, start, rest = lock.read_text(encoding="utf-8").partition(f"\n{name}==")
    own, after, others = rest.partition("    # via")
    assert start
    assert after
    changed = re.sub(r"sha256:[0-9a-f]{64}", "sha256:" + "0" * 64, own)
    target.write_text(head + start + changed + after + others, encoding="utf-8")
    return target


@promises(
    "Deployment",
    "An environment made of the locks holds the locked versions and nothing else; a package with "
    "another hash is not installed.",
    broken="requirements/runtime.txt without the lines of blinker; and with no hashes at all, "
    "installed without --require-hashes",
)
def test_what_is_installed_is_what_is_locked(tmp_path: Path, tell: Callable[[str], None]) -> None:
    packages = 0
    for lock in LOCKS:
        place = tmp_path / lock.stem
        done = _installing(place, lock)
        assert done.returncode == 0, done.stderr
        assert _installed(place) == _locked(lock)
        packages += len(_locked(lock))
    other = _tampered(LOCKS[0], "blinker", tmp_path / "tampered.txt")
    refused = _installing(tmp_path / "tampered", other)
    assert refused.returncode != 0
    assert "THESE PACKAGES DO NOT MATCH THE HASHES" in refused.stderr
    assert _installed(tmp_path / "tampered") == {}
    tell(
        f"{packages} packages installed from {len(LOCKS)} locks, all at the locked version, no "
        "other; 1 package with another hash: nothing installed"
    )
