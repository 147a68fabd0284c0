"""What the README and the other pages show is executed: requests, programs, commands, files.

The word behind the three back quotes of a fenced block says what it is, and so how it is tested:

- ``console``: a request with ``curl``, and its answer;
- ``sh``: commands of a shell, run in the order of the page, in one directory a page; ``curl`` asks
  the data set that they published in ``my-datasets``;
- ``python``: a program, run against a live server;
- ``text output``: what the block before it prints;
- ``LANGUAGE from PATH``: an excerpt that stands in that file word for word;
- ``LANGUAGE not run: REASON``: what cannot be executed here.

In what is printed, a line ``…`` stands for any number of lines. The ids that ``add`` and
``add-document`` print are others each time; the page goes on with those that it shows.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import shlex
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from service import cli
from service.app import create_app
from service.config import Config
from tests.documentation import BLOCKS, ROOT, SERVER, Block, blocks
from tests.live import served
from tests.tables import each_row
from tests.wire import shipped_store

pytestmark = pytest.mark.slow

RUNNABLE = re.compile(r"console|sh|python|text output")
ID = re.compile(r"\b(?:clm|doc)_[0-9a-z]{8}\b")
MAKES_IDS = re.compile(r"^policy-claims add", re.MULTILINE)
EXCERPT = re.compile(r"\w+ from (\S+)")
NOT_RUN = re.compile(r"\w+ not run: \w.+")


@pytest.fixture(scope="module")
def app() -> Flask:
    """The service as it answers users: from the shipped data, repeats from its cache."""
    return create_app(Config(access_log=False), shipped_store())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    return app.test_client()


def name(block: Block) -> str:
    return f"{block.page}: {block.text.splitlines()[0][-60:]}"


def matches(shown: str, printed: str) -> bool:
    """Whether the lines are the same; a line ``…`` stands for any number of them."""
    pattern = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else re.escape(line) + "\n"
        for line in shown.splitlines()
    )
    return re.fullmatch(pattern, "".join(f"{line}\n" for line in printed.splitlines())) is not None


def test_every_block_says_how_it_is_tested() -> None:
    for block in BLOCKS:
        forms = (RUNNABLE, EXCERPT, NOT_RUN)
        assert any(form.fullmatch(block.label) for form in forms), (block.page, block.label)


def test_output_follows_what_prints_it() -> None:
    for before, block in pairwise(BLOCKS):
        if block.label == "text output":
            assert before.page == block.page
            assert before.label in {"sh", "python"}


@each_row("block", blocks("console"))
def test_a_shown_request_gets_the_shown_answer(block: Block, client: FlaskClient) -> None:
    command, _, answer = block.text.partition("\n")
    printed = output_of_request(command.removeprefix("$ "), client)
    assert matches(answer, printed), printed


def output_of_request(command: str, client: FlaskClient) -> str:
    """What ``curl`` prints after the filters behind it."""
    curl, *filters = command.split(" | ")
    printed = output_of_curl(shlex.split(curl), client)
    for pipe in filters:
        if pipe == "python3 -m json.tool --no-ensure-ascii":
            printed = json.dumps(json.loads(printed), indent=4, ensure_ascii=False)
        else:
            (number,) = re.fullmatch(r"head -n (\d+)", pipe).groups()  # type: ignore[union-attr]
            printed = "\n".join(printed.splitlines()[: int(number)])
    return printed


def output_of_curl(words: list[str], client: FlaskClient) -> str:
    """What ``curl`` prints: ``-s`` the body, ``-sI`` status and headers, ``-si`` both."""
    program, option, *rest = words
    assert program == "curl"
    headers = dict(rest[n + 1].split(": ", 1) for n, word in enumerate(rest) if word == "-H")
    (address,) = (word for word in rest if word.startswith(SERVER))
    method = {"-s": "GET", "-sI": "HEAD", "-si": "GET"}[option]
    answer = client.open(address.removeprefix(SERVER), method=method, headers=headers)
    head = [f"HTTP/1.1 {answer.status}", *(f"{key}: {value}" for key, value in answer.headers)]
    shown_head = "" if option == "-s" else "\n".join([*head, "", ""])
    return shown_head + answer.get_data(as_text=True)


@pytest.mark.parametrize("block", blocks("python"), ids=name)
def test_a_shown_program_prints_what_is_shown(block: Block, app: Flask) -> None:
    following = BLOCKS[BLOCKS.index(block) + 1]
    output = following.text if following.label == "text output" else ""
    with served(app) as service:
        done = subprocess.run(
            [sys.executable, "-c", block.text.replace(SERVER, service.url)],
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert matches(output, done.stdout), done.stdout


@pytest.mark.parametrize("page", sorted({block.page for block in blocks("sh")}))
def test_the_commands_of_a_page_succeed_in_their_order(
    page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    ids: dict[str, str] = {}
    commands = printed = ""
    with contextlib.chdir(tmp_path):
        for _, label, text in (block for block in BLOCKS if block.page == page):
            if label == "sh":
                commands = with_ids(text, ids)
                lines = commands.replace("\\\n", " ").splitlines()
                printed = "".join(output_of_command(line, monkeypatch) for line in lines)
            elif label == "text output":
                if MAKES_IDS.search(commands):
                    ids |= zip(ID.findall(text), ID.findall(printed), strict=False)
                assert matches(with_ids(text, ids), printed), printed


def with_ids(text: str, ids: dict[str, str]) -> str:
    """A text of a page, with the ids that were made in place of those that the page shows."""
    return ID.sub(lambda shown: ids.get(shown[0], shown[0]), text)


def output_of_command(line: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """What a command of a shell prints. Ours run in this process, which saves a second for each."""
    if line.startswith("policy-claims "):
        with contextlib.redirect_stdout(io.StringIO()) as printed:
            assert cli.main(shlex.split(line)[1:]) == 0, line
        return printed.getvalue()
    if line.startswith("export "):
        name, _, value = line.removeprefix("export ").partition("=")
        monkeypatch.setenv(name, value)
        return ""
    if line.startswith("curl "):
        app = create_app(Config(datasets=Path("my-datasets"), access_log=False))
        return output_of_request(line, app.test_client())
    command = ["bash", "-euo", "pipefail", "-c", line]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("block", [b for b in BLOCKS if EXCERPT.fullmatch(b.label)], ids=name)
def test_an_excerpt_stands_in_its_file(block: Block) -> None:
    path = block.label.split()[-1]
    assert block.text in (ROOT / path).read_text(encoding="utf-8")
