"""What a client sends cannot make the service grow: each map keyed by it, at its bound, by the
resident memory of a process of its own.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent

PROGRAM = """
import gc, itertools, json, os, sys
from service.config import Config
from service.app import create_app
from tests.wire import environ, sample_store

numbers = itertools.count()

def request(kind):
    n = next(numbers)
    pad = "&" * 7900
    if kind == "queries":  # answered with an empty page, whose headers weigh more than its body
        return environ(f"/v1/claims?{pad}q=zz{n}&limit=1")
    if kind == "claims":
        return environ(f"/v1/claims?{pad[:1000]}{'&' * n}")
    if kind == "totals":  # as many values as a URL holds, none of them ever asked for again
        names = ("topic", "occasion", "speaker", "actor", "addressee", "about", "source")
        values = ",".join(f"a{place:02}-{n:045}" for place in range(20))
        filters = "&".join(f"{name}={values}" for name in names)
        return environ(f"/v1/claims?cursor=0000000000000001&limit=1&{filters}")
    if kind == "encodings":
        return environ("/v1/topics", headers={"Accept-Encoding": f"x{n}," + "gzip;q=0.1," * 700})
    return environ(f"/v1/topics/{n}" + "a" * 7900)

def ask(app, kind, times):
    for _ in range(times):
        asked = request(kind)
        for _ in range(2):  # what is kept might be so on its second asking only
            answer = app.wsgi_app(dict(asked), lambda *_: None)
            b"".join(answer)
            answer.close()

def resident():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def growth(kind, cache_bytes, requests):
    app = create_app(Config(access_log=False, cache_bytes=cache_bytes), sample_store())
    ask(app, kind, 100)
    before = resident()
    ask(app, kind, requests)
    return resident() - before

sample_store()
for case in json.loads(sys.argv[1]):
    worker = os.fork()
    if not worker:
        print(json.dumps([case, growth(*case)]), flush=True)
        os._exit(0)
    os.waitpid(worker, 0)
"""

MIB = 1024 * 1024
SLACK = 4 * MIB
"""What a process grows by anyway, and what an allocator holds back."""


Case = tuple[str, int, int]
"""What no two requests have in common, bytes of the response cache, and number of requests."""

BOUNDED: list[Case] = [
    ("queries", MIB, 900),  # the address is longer than the answer
    ("claims", MIB // 4, 650),
    ("encodings", 0, 650),
    ("paths", 0, 650),
]
TOTALS: Case = ("totals", 0, 500)  # 13 MB, were all of them kept
LARGER: Case = ("claims", 64 * MIB, 1000)


@pytest.fixture(scope="module")
def growth() -> dict[Case, int]:
    """Bytes by which the service grows in each case, in a process that starts without any of it:
    a fork of one that has loaded the modules. A case whose process failed is not there."""
    command = [sys.executable, "-c", PROGRAM, json.dumps([*BOUNDED, TOTALS, LARGER])]
    done = subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    return {tuple(case): grown for case, grown in map(json.loads, done.stdout.splitlines())}


@pytest.mark.parametrize("case", BOUNDED)
def test_the_dearest_keys_cost_no_more_than_the_bound(growth: dict[Case, int], case: Case) -> None:
    """URLs, Accept-Encoding and paths of 8 KB, in the response cache, the content coding and the
    routes of the metrics."""
    _, cache_bytes, _ = case
    assert growth[case] < cache_bytes + SLACK


def test_the_dearest_queries_cost_no_more_than_the_totals_that_are_remembered(
    growth: dict[Case, int],
) -> None:
    """Each page of a walk tells the total, which is remembered by its query."""
    assert growth[TOTALS] < 8 * MIB


def test_a_larger_cache_keeps_more(growth: dict[Case, int]) -> None:
    """Otherwise the bound would prove nothing."""
    assert growth[LARGER] > 2 * (MIB // 4 + SLACK)
