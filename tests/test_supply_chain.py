"""What is locked, and what an audit may say of it: never that all is well when nobody was asked."""

from __future__ import annotations

import importlib.util
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[1]


def _script(name: str) -> ModuleType:
    """A program of .ci, which is no package."""
    spec = importlib.util.spec_from_file_location(name, ROOT / ".ci" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module  # where its data classes look for their annotations
    spec.loader.exec_module(module)
    return module


audit = _script("audit")

LOCKS = [*sorted((ROOT / "requirements").glob("*.txt")), *sorted(ROOT.glob("*/requirements.txt"))]
PINNED = re.compile(r"([a-z0-9._-]+)(\[[a-z,-]+\])?==(\S+)( ;[^\\]+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")


def pins(lock: Path) -> dict[str, str]:
    """Name and version of each line of a lock file, which must be pinned and hashed."""
    found = {}
    for line in lock.read_text(encoding="utf-8").replace("\\\n", " ").splitlines():
        if line and not line.lstrip().startswith("#"):
            pin, *hashes = re.split(r"\s+(?=--)", line.strip())
            matched = PINNED.fullmatch(pin)
            assert matched, f"{lock.name}: {pin!r} is not pinned"
            assert hashes, f"{lock.name}: {pin} has no hash"
            assert all(HASH.fullmatch(value) for value in hashes), f"{lock.name}: {line}"
            found[matched[1]] = matched[3]
    return found


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: f"{lock.parent.name}/{lock.name}")
def test_each_line_of_a_lock_is_pinned_and_hashed(lock: Path) -> None:
    assert pins(lock)


def test_what_the_checks_run_with_is_what_is_shipped() -> None:
    runtime = pins(ROOT / "requirements" / "runtime.txt")
    assert runtime.items() <= pins(ROOT / "requirements" / "dev.txt").items()


def test_what_builds_the_package_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = {re.split(r"\W", line)[0] for line in project["build-system"]["requires"]}
    assert wanted <= pins(ROOT / "requirements" / "build.txt").keys()


def test_every_lock_is_audited() -> None:
    assert audit.python_locks() == LOCKS
    tracked = [path for path in ROOT.rglob("package-lock.json") if "node_modules" not in path.parts]
    assert audit.npm_locks() == sorted(tracked)


# What the tools print, and what it means

SAFE = '{"dependencies": [{"name": "flask", "version": "3.1.3", "vulns": []}]}'
HIT = '{"dependencies": [{"name": "flask", "version": "0.1", "vulns": [{"id": "PYSEC-1"}]}]}'
SKIPPED = '{"dependencies": [{"name": "flask", "skip_reason": "not found"}]}'
MIXED = HIT.replace("]}]}", ']}, {"name": "a", "skip_reason": "not found"}]}')
NOTHING = '{"dependencies": []}'

#: From what pip-audit writes with and without --strict to what is known; None where it only fails.
PIP_AUDIT = [
    (SAFE, None, audit.CLEAN),
    (HIT, None, audit.VULNERABLE),
    (NOTHING, NOTHING, audit.NOT_AUDITED),
    (None, None, audit.NOT_AUDITED),
    (None, SKIPPED, audit.NOT_AUDITED),
    # The advisories of one package were asked for after another's could not be.
    (None, MIXED, audit.VULNERABLE),
    # What --strict refused is not good because it is not refused without.
    (None, SAFE, audit.NOT_AUDITED),
]


def _program(folder: Path, text: str) -> list[str]:
    (folder / "tool.py").write_text(text, encoding="utf-8")
    return [sys.executable, str(folder / "tool.py")]


@pytest.mark.parametrize(("strict", "loose", "status"), PIP_AUDIT)
def test_only_a_whole_report_without_findings_is_good(
    tmp_path: Path, strict: str | None, loose: str | None, status: int
) -> None:
    tool = _program(
        tmp_path,
        f"""
import pathlib, sys
report = {strict!r} if "--strict" in sys.argv else {loose!r}
if report is None:
    sys.exit("ERROR:pip_audit._cli:flask: nobody could be asked")
pathlib.Path(sys.argv[sys.argv.index("--output") + 1]).write_text(report)
""",
    )
    outcome = audit.audit_python(ROOT / "requirements" / "runtime.txt", tool)
    assert outcome.status == status, outcome.reason
    assert outcome.reason


NPM = [
    ('{"metadata": {"vulnerabilities": {"total": 0}, "dependencies": {"total": 7}}}', audit.CLEAN),
    (
        '{"vulnerabilities": {"axe-core": {}}, "metadata": {"vulnerabilities": {"total": 1}}}',
        audit.VULNERABLE,
    ),
    ('{"message": "405 Method Not Allowed", "error": {"summary": ""}}', audit.NOT_AUDITED),
    ("npm error network", audit.NOT_AUDITED),
    ("", audit.NOT_AUDITED),
]


@pytest.mark.parametrize(("printed", "status"), NPM)
def test_a_registry_that_does_not_audit_is_no_clean_audit(
    tmp_path: Path, printed: str, status: int
) -> None:
    tool = _program(tmp_path, f"print({printed!r})")
    outcome = audit.audit_npm(tmp_path / "package-lock.json", tool)
    assert outcome.status == status, outcome.reason
    assert outcome.reason


@pytest.mark.parametrize(
    ("statuses", "expected"),
    [
        ((0, 0), 0),
        ((0, 3), 3),
        ((3, 1, 0), 1),
    ],
)
def test_the_worst_outcome_counts_and_a_missing_audit_is_said_aloud(
    capsys: pytest.CaptureFixture[str],
    statuses: tuple[int, ...],
    expected: int,
) -> None:
    given = [(ROOT / "a.txt", audit.Outcome(status, "because")) for status in statuses]
    assert audit.report(given) == expected
    assert (audit.NOT_AUDITED in statuses) == ("NOT AUDITED" in capsys.readouterr().out)


# Secrets

#: What nobody means to publish: private keys, and tokens of the services that a developer uses.
SECRETS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----"
    r"|\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"
    r"|\bgh[pousr]_[A-Za-z0-9]{36}"
    r"|\bgithub_pat_[A-Za-z0-9_]{22,}"
    r"|\bglpat-[A-Za-z0-9_-]{20}"
    r"|\bxox[abprs]-[A-Za-z0-9-]{10,}"
    r"|\bpypi-AgEI[A-Za-z0-9_-]{16,}"
    r"|\bnpm_[A-Za-z0-9]{36}\b"
    r"|\bAIza[A-Za-z0-9_-]{35}"
    r"|\bsk-[A-Za-z0-9_-]{32,}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\."
    # Of an address; "user:password" is what examples say.
    r"|://(?!user:password@)[^/\s:@\"'{}<$(]+:[^/\s:@\"'{}<$(]{3,}@"
)


def _tracked() -> list[Path]:
    """The files of the repository; of an archive, which has none, those that lie here."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if listed.returncode == 0 and listed.stdout:
        return [ROOT / name for name in listed.stdout.split("\0") if name]
    folders = ("schemas", "service", "tests", "requirements", "docs")
    return [path for name in folders for path in (ROOT / name).rglob("*")]


def test_no_tracked_file_holds_a_key_or_a_token() -> None:
    files = [path for path in _tracked() if path.is_file()]
    assert len(files) > 100
    for path in files:
        found = SECRETS.search(path.read_bytes().decode("utf-8", "replace"))
        assert found is None, f"{path.relative_to(ROOT)}: {found[0][:12]}…"


@pytest.mark.parametrize(
    "planted",
    [
        "-----BEGIN RSA " + "PRIVATE KEY-----",
        "AKIA" + "A" * 16,
        "ghp" + "_" + "a" * 36,
        "npm" + "_" + "b" * 36,
        "pypi-" + "AgEI" + "c" * 40,
        "eyJ" + "d" * 20 + ".eyJ" + "e" * 20 + ".f",
        "https://someone:" + "secret@example.org/",
    ],
)
def test_a_key_or_a_token_would_be_found(planted: str) -> None:
    assert SECRETS.search(f"value = '{planted}'")
