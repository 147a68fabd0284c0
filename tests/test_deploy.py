"""What is shipped to be deployed agrees with the service, with the contract, and with itself."""

from __future__ import annotations

import configparser
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.http import headers
from service.http.front import RETRY_AFTER_SECONDS
from service.http.problem_types import PROBLEMS
from service.http.routes.blueprint import MAX_REQUEST_LINE
from service.store.protocol import RETRY_SECONDS
from tests.contract_tools import contract
from tests.tables import each_row

ROOT = Path(__file__).resolve().parents[1]
NGINX = (ROOT / "deploy" / "nginx.conf").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "deploy" / "compose.yaml").read_text())
README = (ROOT / "README.md").read_text(encoding="utf-8")
UNIT = configparser.RawConfigParser(strict=False)
UNIT.optionxform = str  # type: ignore[assignment,method-assign]
UNIT.read(ROOT / "deploy" / "policy-claims.service")
OPERATING = (ROOT / "docs" / "operating.md").read_text(encoding="utf-8")
GUNICORN: dict[str, Any] = runpy.run_path(str(ROOT / "service" / "server" / "gunicorn_conf.py"))
CLAIMS, FRONT = COMPOSE["services"]["claims"], COMPOSE["services"]["nginx"]


def directive(name: str, text: str = NGINX) -> list[str]:
    """The values that nginx is given under a name, what is commented out not among them."""
    return re.findall(rf"^ *{name} +([^;{{]+);", text, re.MULTILINE)


def block(name: str) -> str:
    """What stands in a block that holds no other one."""
    found = re.search(rf"^ *{re.escape(name)} {{\n(.*?)^ *}}$", NGINX, re.MULTILINE | re.DOTALL)
    assert found is not None, name
    return found[1]


def mapping(name: str) -> dict[str, str]:
    """What a map of nginx gives for each value, the quotes of both left out."""
    line = re.compile(r'^ +"?([^"\s]+)"? +"?([^";]+)"?;', re.MULTILINE)
    return dict(line.findall(block(f"map $status ${name}")))


def instruction(name: str) -> str:
    found = re.findall(rf"^{name} +(.+)", DOCKERFILE, re.MULTILINE)
    return str(found[-1])


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def megabytes(text: str) -> int:
    number, unit = int(text[:-1]), text[-1]
    return number * {"m": 1, "g": 1024}[unit]


def test_ports_and_places_are_the_same_everywhere() -> None:
    assert directive("server") == ["claims:8000", "claims:8000 max_conns=3"]
    assert "claims" in COMPOSE["services"]
    assert instruction("EXPOSE") == "8000"
    assert "PORT=8000" in DOCKERFILE
    listens = directive("listen")
    assert FRONT["ports"] == [f"${{PUBLISH:-127.0.0.1:{listens[0]}}}:{listens[0]}"]
    mounted = [volume.partition(":")[2] for volume in FRONT["volumes"]]
    assert mounted == ["/etc/nginx/nginx.conf:ro", "/var/cache/nginx"]
    places = ("proxy_cache_path", "client_body_temp_path", "proxy_temp_path")
    written = [path for name in places for path in directive(name)]
    assert len(written) == 4
    assert all(path.startswith("/var/cache/nginx/") for path in written)


def test_nobody_is_root_and_nothing_can_be_gained() -> None:
    assert CLAIMS["user"] == instruction("USER") == "65532:65532"
    for service in (CLAIMS, FRONT):
        assert service["read_only"] is True
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
        assert service["restart"] == "unless-stopped"
        assert "privileged" not in service
        assert "cap_add" not in service
    (data,) = CLAIMS["volumes"]
    assert data["read_only"] is True


def test_only_nginx_can_be_reached_and_the_service_reaches_nobody() -> None:
    assert "ports" not in CLAIMS
    assert CLAIMS["networks"] == ["inside"]
    assert COMPOSE["networks"]["inside"] == {"internal": True}
    assert "inside" in FRONT["networks"]


def test_a_public_address_is_accepted_only_where_nginx_is_in_front() -> None:
    assert "DIRECT_EXPOSURE=accept" in DOCKERFILE
    assert CLAIMS["environment"]["DIRECT_EXPOSURE"] == "accept"
    assert "HOST=127.0.0.1" in UNIT["Service"]["Environment"]
    for text in (README, (ROOT / "SECURITY.md").read_text(encoding="utf-8")):
        assert "DIRECT_EXPOSURE" in text


def test_exports_leave_a_thread_of_each_worker_to_others() -> None:
    (_, exports) = directive("server")
    assert int(exports.rpartition("=")[2]) < GUNICORN["threads"]


def test_the_service_is_told_when_nginx_passed_a_request_on() -> None:
    assert 'X-Request-Start "t=$msec"' in directive("proxy_set_header")


def test_unit_gives_the_service_nothing_it_does_not_need() -> None:
    unit = UNIT["Service"]
    assert unit["ProtectSystem"] == "strict"
    assert unit["CapabilityBoundingSet"] == ""
    for name in ("DynamicUser", "NoNewPrivileges", "PrivateTmp", "ProtectHome", "PrivateDevices"):
        assert unit[name] == "yes", name
    assert unit["Restart"] == "always"
    assert seconds(unit["TimeoutStopSec"]) > GUNICORN["graceful_timeout"]


def test_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("NOT CHECKED: systemd-analyze is not here (Debian's package systemd)")
    text = (ROOT / "deploy" / "policy-claims.service").read_text(encoding="utf-8")
    place = tmp_path / "policy-claims.service"
    place.write_text(text.replace("/opt/policy-claims/bin/policy-claims", "/bin/true"))
    done = subprocess.run(
        ["systemd-analyze", "verify", place], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")


def test_an_image_that_could_not_be_tried_is_called_neither_good_nor_bad(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name != "CI"}
    done = subprocess.run(
        [sys.executable, ROOT / ".ci" / "container.py"],
        env={**environment, "PATH": str(tmp_path)}, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "NOT CHECKED" in done.stdout
    assert done.returncode == 3


def test_the_image_says_what_it_was_built_from_and_lists_what_it_consists_of(
    tmp_path: Path,
) -> None:
    labels = dict(re.findall(r'^ *(?:LABEL )?(org\.[a-z.]+)="([^"]*)"', DOCKERFILE, re.MULTILINE))
    told = {"revision": "REVISION", "created": "CREATED", "source": "SOURCE", "url": "URL"}
    for name, argument in told.items():
        assert labels[f"org.opencontainers.image.{name}"] == f"${{{argument}}}"
        assert f'ARG {argument}=""' in DOCKERFILE, "nothing is invented"
        assert argument in CLAIMS["build"]["args"]
    program = re.search(r"python (deploy/\S+) \\\n +(\S+)", DOCKERFILE)
    assert program is not None
    assert labels["org.cyclonedx.bom"] == program[2]
    assert f"!{program[1]}" in (ROOT / ".dockerignore").read_text().split()
    place = tmp_path / "share" / "bill.json"
    subprocess.run([sys.executable, ROOT / program[1], place], check=True)
    bill = json.loads(place.read_text())
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert bill["metadata"]["component"]["name"] == "policy-claims"
    listed = {each["name"]: each for each in bill["components"]}
    assert len(listed) == len(bill["components"])
    for name in ("flask", "tantivy", "gunicorn"):
        assert listed[name]["purl"] == f"pkg:pypi/{name}@{listed[name]['version']}"
        assert listed[name]["licenses"]


def test_the_health_check_is_that_of_the_image() -> None:
    check = CLAIMS["healthcheck"]
    flags = re.search(r"HEALTHCHECK (.+) \\\n +CMD (.+)", DOCKERFILE)
    assert flags is not None
    assert check["test"] == ["CMD", *json.loads(flags[2])]
    told = dict(flag.removeprefix("--").split("=") for flag in flags[1].split())
    stated = {name.replace("_", "-"): str(check[name]) for name in check if name != "test"}
    assert stated == told


def test_times_fit_into_each_other() -> None:
    """Who waits for another waits longer than the other takes."""
    assert seconds(CLAIMS["stop_grace_period"]) > GUNICORN["graceful_timeout"]
    assert seconds(directive("proxy_read_timeout")[0]) > GUNICORN["timeout"]
    (towards_service,) = directive("keepalive_timeout", block("upstream service"))
    assert seconds(towards_service) < GUNICORN["keepalive"]
    assert UNIT["Service"]["KillMode"] == "mixed", "gunicorn ends its workers, and waits for them"


def test_memory_has_room_for_what_the_service_keeps() -> None:
    workers = int(CLAIMS["environment"]["WEB_CONCURRENCY"])
    for limit in (
        CLAIMS["deploy"]["resources"]["limits"]["memory"],
        UNIT["Service"]["MemoryMax"].lower(),
    ):
        assert megabytes(limit) >= workers * 2 * 64 + 256


def test_request_lines_have_the_limit_of_the_service() -> None:
    (buffers,) = directive("large_client_header_buffers")
    size = int(buffers.split()[1].removesuffix("k")) * 1024
    assert size == MAX_REQUEST_LINE + len("\r\n")
    assert GUNICORN["limit_request_line"] == MAX_REQUEST_LINE
    assert GUNICORN["limit_request_field_size"] == MAX_REQUEST_LINE


PROBLEMS_OF_NGINX = re.findall(
    r"^ +(\d+|default) '\"/problems/([a-z-]+)\",(.+)';", NGINX, re.MULTILINE
)
"""Status, type and all else of each problem document."""
PROBLEM_STATUSES = {status for status, _, _ in PROBLEMS_OF_NGINX}
SAID_ALWAYS = [
    re.findall(r"^ *add_header (.+);$", text, re.MULTILINE)
    for text in re.findall(
        r"location = /problem(?:-page)? {\n(.+?)\n {8}}", NGINX, re.MULTILINE | re.DOTALL
    )
]
"""Of the two forms of what nginx answers by itself."""


def test_what_nginx_says_by_itself_is_in_the_contract() -> None:
    told = PROBLEMS_OF_NGINX
    assert len(told) > 10
    for status, slug, rest in told:
        members = json.loads("{" + rest.replace("$status", "0") + "}")
        assert members["title"] == PROBLEMS[slug].title
        row = re.search(rf"`/problems/{slug}` \| ([0-9, ]+) ", contract()["info"]["description"])
        assert row is not None
        assert status in {*row[1].split(", "), "default", "431"}, slug


def answered_by_nginx(text: str) -> set[str]:
    """The statuses that have a problem document among the directives of a server or location."""
    lines = [line for line in directive("error_page", text) if line.endswith(" /problem")]
    renamed = {line.split("=")[1].split()[0] for line in lines if "=" in line}
    return renamed | {code for line in lines if "=" not in line for code in line.split()[:-1]}


def test_whatever_nginx_says_by_itself_is_a_problem_document() -> None:
    """A location that has an ``error_page`` of its own has none of those around it."""
    server, _, exports = NGINX.partition("location ~ ")
    exports = exports.partition("location ~ ")[0]
    told = PROBLEM_STATUSES - {"default"} | {"500"}  # which has the text of all others
    assert answered_by_nginx(server) == told
    assert answered_by_nginx(exports) == told - {"502"}, "that is a 503 there"


def test_nginx_says_when_to_come_again_as_the_service_does() -> None:
    assert mapping("retry_after") == {
        "429": "1",
        "503": str(RETRY_AFTER_SECONDS),
        "~^50[24]$": str(RETRY_SECONDS),
    }
    assert mapping("allow") == {"405": "GET, HEAD, OPTIONS"}
    for said in SAID_ALWAYS:
        assert {"Retry-After $retry_after always", "Allow $allow always"} <= set(said)


@each_row("name", [*headers.COMMON, "Content-Security-Policy", "Cache-Control"])
def test_what_nginx_says_by_itself_has_the_headers_of_every_answer(name: str) -> None:
    expected = {
        **headers.COMMON,
        **headers.NEGOTIATED_VARY,
        "Content-Security-Policy": headers.API_POLICY,
        "Cache-Control": "no-store",
    }
    assert len(SAID_ALWAYS) == 2
    for said in SAID_ALWAYS:
        assert f'{name} "{expected[name]}" always' in said


def test_the_documentation_says_how_it_is_run() -> None:
    section = OPERATING.split("## nginx in front")[1].split("\n## ")[0]
    assert "docker compose -f deploy/compose.yaml up" in section
    for name in ("PUBLISH", "CLAIMS_DATASETS", "PUBLIC_URL", "8443", "deploy/nginx.conf"):
        assert name in section, name
