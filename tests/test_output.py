"""What the commands print where the output cannot hold everything: signs, and never a traceback."""

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from service import cli
from tests.samples import GOAL, POSITION, POSITION_AT, UNUSED, WITHDRAWN, sample, write

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent
ENCODINGS = ("utf-8", "ascii", "latin-1", "cp1252", "cp437", "shift_jis", "utf-16", "koi8-r")
HARD = "핵 – “жёлтый” \U0001f600 ไทย ½ e\u0301 Å"
FIXTURES, DOCUMENTS = ("--fixtures", "{fixtures}"), ("--documents", "{documents}")
COMMANDS: dict[str, tuple[str, ...]] = {
    "show": ("show", POSITION, *FIXTURES),
    "show another": ("show", GOAL, *FIXTURES),
    "show a retired one": ("show", WITHDRAWN, *FIXTURES),
    "show nothing": ("show", UNUSED + HARD, *FIXTURES),
    "check": ("check", *FIXTURES),
    "check what is faulty": ("check", "--fixtures", "{faulty}"),
    "check nothing": ("check", "--fixtures", "{fixtures}/{hard}"),
    "verify": ("verify", *DOCUMENTS, *FIXTURES),
    "locate": ("locate", "doc_0000000a", HARD, *DOCUMENTS, *FIXTURES),
    "locate nothing": ("locate", HARD, "a", *DOCUMENTS, *FIXTURES),
    "new-id": ("new-id", *FIXTURES),
    "build": ("build", "--out", "{out}", *FIXTURES),
    "reindex": ("reindex", "{hard}"),
    "help": ("--help",),
    "wrong": (HARD,),
}


@pytest.fixture(scope="module")
def places(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Fixtures that say what few encodings have, in directories that are called so."""
    place = tmp_path_factory.mktemp("출력")
    data = sample()
    claim = data["claims"][POSITION_AT]
    claim["statement"] = HARD
    claim["hedges"] = [HARD]
    (quote,) = claim["quotes"]
    text = f"{HARD} a\x1b[31m\x9b2J\x07\r\nb\x85c\x00"
    claim["quotes"] = [{**quote, "text": text, "end": quote["start"] + len(text)}]
    data["agents"][0]["name"] = HARD
    for document in data["documents"]:
        (place / document["file"]).write_text(HARD, encoding="utf-8")
    fixtures = write(data, place / "fixtures")
    data["claims"][0]["statement"] = f"{HARD}\x00"
    data["claims"][1]["kind"] = HARD
    return {
        "fixtures": str(fixtures),
        "faulty": str(write(data, place / "faulty")),
        "documents": str(place),
        "out": str(place / "자료"),
        "hard": HARD,
    }


def printed(
    arguments: list[str], encoding: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """The status of a command, and what it wrote in an encoding, as Python begins a process."""
    streams = {
        name: io.TextIOWrapper(io.BytesIO(), encoding=encoding, errors=errors)
        for name, errors in (("stdout", "strict"), ("stderr", "backslashreplace"))
    }
    with monkeypatch.context() as patched:
        for name, stream in streams.items():
            patched.setattr(sys, name, stream)
        try:
            status = cli.main(arguments)
        except SystemExit as end:
            status = int(str(end.code))
    for stream in streams.values():
        stream.flush()
    out, err = (stream.buffer.getvalue().decode(encoding) for stream in streams.values())
    return status, out, err


SAID: dict[tuple[str, ...], tuple[int, str, str]] = {}
"""What each command says in UTF-8."""
IN_EVERY_ENCODING = ("show", "check what is faulty")
"""What says most; the others are tried where little can be said, and in two bytes a sign."""
CASES = [
    pytest.param(command, encoding, id=f"{name}-{encoding}")
    for name, command in COMMANDS.items()
    for encoding in (ENCODINGS if name in IN_EVERY_ENCODING else ("ascii", "utf-16"))
]


@pytest.mark.parametrize(("command", "encoding"), CASES)
def test_every_command_says_in_any_encoding_what_it_says_in_utf_8(
    command: tuple[str, ...], encoding: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = [argument.format(**places) for argument in command]
    status, out, err = printed(arguments, encoding, monkeypatch)
    assert (status == 0) == bool(out) or command[0] in ("check", "verify")  # these print findings
    assert "Traceback" not in err
    if command not in SAID:
        SAID[command] = printed(arguments, "utf-8", monkeypatch)
    again, whole, _ = SAID[command]
    assert again == status
    if "new-id" not in command and "verify" not in command:  # a table is drawn with other lines
        assert out == whole.encode(encoding, "replace").decode(encoding)


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_no_terminal_obeys_a_quotation(
    encoding: str, places: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    shown = ["show", POSITION, "--fixtures", places["fixtures"]]
    _, out, _ = printed(shown, encoding, monkeypatch)
    assert not [c for c in out if c != "\n" and (ord(c) < 0x20 or 0x7F <= ord(c) < 0xA0)]
    assert "[31m" in out


@pytest.mark.parametrize("variable", ["PYTHONIOENCODING=latin-1", "LC_ALL=C"])
def test_a_process_of_its_own_shows_a_claim(variable: str, places: dict[str, str]) -> None:
    name, _, value = variable.partition("=")
    environment = {**os.environ, "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0", name: value}
    command = [sys.executable, "-m", "service.cli", "show", POSITION]
    done = subprocess.run(
        [*command, "--fixtures", places["fixtures"]],
        cwd=ROOT, env=environment, capture_output=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"??" in done.stdout
