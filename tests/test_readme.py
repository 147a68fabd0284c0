"""Everything the README shows is run: requests with their answers, commands with their files."""

from __future__ import annotations

import configparser
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from service.app import create_app
from service.config import Config
from tests.live import served

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
SERVER = "http://127.0.0.1:8000"


class Block(NamedTuple):
    """A fenced block: what follows the fence, and what is inside."""

    label: str
    text: str


BLOCKS = [
    Block(*found)
    for found in re.findall(r"^```(\S[^\n]*)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
]
REQUESTS = [block.text for block in BLOCKS if block.label == "console"]


def test_the_readme_shows_five_requests() -> None:
    five = README.split("## Five requests")[1].split("\n## ")[0]
    assert five.count("```console") == 5
    assert len(REQUESTS) > 5


@pytest.mark.parametrize("shown", REQUESTS, ids=lambda shown: shown.splitlines()[0][-60:])
def test_a_shown_request_gets_the_shown_answer(shown: str) -> None:
    command, _, answer = shown.partition("\n")
    words = shlex.split(command.removeprefix("$ ").partition(" | ")[0])
    address = next(word for word in words if word.startswith(SERVER))
    given = [words[place + 1] for place, word in enumerate(words) if word == "-H"]
    headers = dict(header.split(": ", 1) for header in given)
    client = create_app(Config(access_log=False)).test_client()
    text = client.get(address.removeprefix(SERVER), headers=headers).get_data(as_text=True)
    if command.endswith("| python3 -m json.tool"):
        assert json.loads(answer) == json.loads(text)
    else:
        assert answer.splitlines() == text.splitlines()


def test_every_address_the_readme_shows_is_answered() -> None:
    client = create_app(Config(access_log=False)).test_client()
    addresses = re.findall(rf"<{SERVER}([^>]*)>", README)
    pages = [address for address in addresses if not address.startswith("/v1")]
    assert len(pages) >= 4
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert answer.mimetype == ("text/html" if address in pages else "text/csv")


def test_the_goals_that_the_readme_leads_to_are_on_their_page() -> None:
    """The walk with a browser ends at claims, not at an empty page."""
    client = create_app(Config(access_log=False)).test_client()
    [address] = set(re.findall(rf"<{SERVER}(/\?[^>]*)>", README))
    found = client.get("/v1/claims" + address.removeprefix("/")).get_json()["data"]
    assert found
    page = client.get(address).get_data(as_text=True)
    assert all(claim["id"] in page for claim in found)


def test_the_shown_program_prints_what_is_shown() -> None:
    (program,) = (block.text for block in BLOCKS if block.label == "python")
    (output,) = (block.text for block in BLOCKS if block.label == "text output")
    with served(create_app(Config(access_log=False))) as service:
        done = subprocess.run(
            [sys.executable, "-c", program.replace(SERVER, service.url)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == output


def test_the_two_commands_are_targets_of_make() -> None:
    for command in re.findall(r"^(make \w+)", BLOCKS[0].text, re.MULTILINE):
        subprocess.run([*command.split(), "--dry-run"], cwd=ROOT, check=True, capture_output=True)


def test_the_guide_to_a_data_set_of_ones_own_leads_to_one(tmp_path: Path) -> None:
    tool = tmp_path / "bin" / "policy-claims"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m service.cli "$@"\n')
    tool.chmod(0o755)
    places = {"PATH": f"{tool.parent}:{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
    environment = {**os.environ, **places}
    output = ""
    guide = README.split("## A data set of your own")[1].split("\n## ")[0]
    for label, text in re.findall(r"^```(\S[^\n]*)\n(.*?)^```", guide, re.MULTILINE | re.DOTALL):
        if label.startswith("json "):
            (tmp_path / "my-data" / label.split()[1]).write_text(text, encoding="utf-8")
        else:
            done = subprocess.run(
                ["bash", "-euo", "pipefail", "-c", text],
                cwd=tmp_path,
                env=environment,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, done.stderr
            output += done.stdout
    document, claim = (
        json.loads((tmp_path / "my-data" / name).read_text())[0]
        for name in ("documents.json", "claims.json")
    )
    assert document["sha256"] in output  # as sha256sum printed it
    assert f"{document['length']} my-documents" in output  # as wc printed it
    located = json.loads(output[output.index("{") : output.index("}") + 1])
    assert located == claim["evidence"][0]
    assert "1 claims" in output
    assert (tmp_path / "my-datasets" / "current" / "manifest.json").is_file()


def test_every_direct_dependency_has_its_reason() -> None:
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg", encoding="utf-8")
    required = setup["options"]["install_requires"]
    names = re.findall(r"^([A-Za-z][\w-]*)", required, re.MULTILINE)
    assert names
    table = README.split("## Dependencies")[1].split("\n## ")[0]
    assert sorted(names, key=str.lower) == sorted(
        re.findall(r"^\| ([A-Za-z][\w-]*) \|", table, re.MULTILINE)[1:], key=str.lower
    )


def test_every_file_and_folder_the_readme_links_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (ROOT / target).exists(), target


def test_every_file_in_the_map_exists() -> None:
    tree = README.split("```text\n")[1].split("```")[0]
    for name in re.findall(r"(?:^| )([\w.]+(?:\.py|/))(?= )", tree):
        candidates = [ROOT / name, ROOT / "service" / name]
        assert any(candidate.exists() for candidate in candidates), name
