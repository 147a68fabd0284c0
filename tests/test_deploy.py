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
from service.http.problem_types import PROBLEMS
from service.http.routes.blueprint import MAX_REQUEST_LINE
from tests.contract_tools import contract

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


def directive(name: str) -> list[str]:
    """The values that nginx is given under a name."""
    return re.findall(rf"^ *{name} +([^;{{\n]+);", NGINX, re.MULTILINE)


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
    assert all(path.startswith("/var/cache/nginx/") for path in directive("proxy_temp_path"))


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
    towards_service, _ = sorted(map(seconds, directive("keepalive_timeout")))
    assert towards_service < GUNICORN["keepalive"]


def test_memory_has_room_for_what_the_service_keeps() -> None:
    workers = int(CLAIMS["environment"]["WEB_CONCURRENCY"])
    assert megabytes(CLAIMS["deploy"]["resources"]["limits"]["memory"]) >= workers * 2 * 64 + 256


def test_request_lines_have_the_limit_of_the_service() -> None:
    (buffers,) = directive("large_client_header_buffers")
    size = int(buffers.split()[1].removesuffix("k")) * 1024
    assert size == MAX_REQUEST_LINE + len("\r\n")


def test_what_nginx_says_by_itself_is_in_the_contract() -> None:
    told = re.findall(r"^ +(\d+|default) '\"/problems/([a-z-]+)\",(.+)';", NGINX, re.MULTILINE)
    assert len(told) > 10
    for status, slug, rest in told:
        members = json.loads("{" + rest.replace("$status", "0") + "}")
        assert members["title"] == PROBLEMS[slug].title
        row = re.search(rf"`/problems/{slug}` \| ([0-9, ]+) ", contract()["info"]["description"])
        assert row is not None
        assert status in {*row[1].split(", "), "default", "431"}, slug
    pages = {code for line in directive("error_page") for code in re.findall(r"=?(\d{3})", line)}
    statuses = {status for status, _, _ in told}
    assert statuses - {"default"} <= pages


@pytest.mark.parametrize("name", [*headers.COMMON, "Content-Security-Policy", "Cache-Control"])
def test_what_nginx_says_by_itself_has_the_headers_of_every_answer(name: str) -> None:
    expected = {
        **headers.COMMON,
        "Content-Security-Policy": headers.API_POLICY,
        "Cache-Control": "no-store",
    }
    assert f'add_header {name} "{expected[name]}" always;' in NGINX


def test_the_documentation_says_how_it_is_run() -> None:
    section = OPERATING.split("## nginx in front")[1].split("\n## ")[0]
    assert "docker compose -f deploy/compose.yaml up" in section
    for name in ("PUBLISH", "CLAIMS_DATASETS", "PUBLIC_URL", "8443", "deploy/nginx.conf"):
        assert name in section, name
