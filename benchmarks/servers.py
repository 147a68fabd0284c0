"""The servers that are compared over HTTP: how each is started, and what it is asked."""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import sys
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.machine import (
    CACHE,
    NotMeasured,
    Running,
    fetch,
    free_port,
    started,
    wait_until_ready,
)
from benchmarks.packages import program
from benchmarks.peers import nginx, sqlite_file
from benchmarks.questions import filtered_paths, page_paths
from benchmarks.surroundings import TOPICS
from service.store.dataset_format import CLAIMS

REPEATED = "/v1/claims?topic=field-0"
BARE = "bare WSGI, constant bytes"
GUNICORN = [sys.executable, "-m", "gunicorn", "-c", "python:service.server.gunicorn_conf"]


@dataclass(frozen=True)
class Contestant:
    """A running server and the file of paths it is asked, one a line."""

    name: str
    running: Running
    port: int
    paths: Path


def paths_file(name: str, paths: list[str]) -> Path:
    file = CACHE / f"paths-{name.replace(' ', '-')}.txt"
    file.write_text("".join(f"{path}\n" for path in paths))
    return file


@contextlib.contextmanager
def service(
    dataset: Path, *, workers: int = 1, name: str = "service", core: str | None = "0"
) -> Iterator[tuple[Running, int]]:
    """Our service as it is shipped, on a built data set."""
    port = free_port()
    env = {"CLAIMS_DATASET": str(dataset), "PORT": str(port), "WEB_CONCURRENCY": str(workers)}
    with started(name, GUNICORN, env=env, core=core) as running:
        yield running, port


@contextlib.contextmanager
def program_of_ours(name: str, command: list[str], env: Mapping[str, str]) -> Iterator[Contestant]:
    """One of the small programs beside this file; ``PORT`` stands for its port."""
    port = free_port()
    filled = [part.replace("PORT", str(port)) for part in command]
    settings = {**env, "PORT": str(port), "WEB_CONCURRENCY": "1"}
    with started(name, filled, env=settings) as running:
        wait_until_ready(running, port, "/v1/claims?topic=field-0&kind=goal", seconds=120)
        yield Contestant(name, running, port, paths_file("many", page_paths()))


@contextlib.contextmanager
def datasette(dataset: Path, name: str, *options: str) -> Iterator[Contestant]:
    """Datasette over an SQLite file; a page of the claims on one topic, with its total."""
    file = dataset.parent.parent / "claims.db"
    if not file.exists():
        sqlite_file.make(dataset / CLAIMS, file)
    port = free_port()
    limits = ["--setting", "sql_time_limit_ms", "20000", *options]
    command = [sys.executable, "-m", "datasette", "serve", "-i", str(file), "-h", "127.0.0.1",
               "-p", str(port), *limits]  # fmt: skip
    topics = [f"field-{n}" for n in range(TOPICS)]
    links = [json.dumps({"table": "claim_topics", "column": "topic", "value": t}) for t in topics]
    paths = [
        f"/claims/claims.json?_size=25&_shape=objects&_through={urllib.parse.quote(link)}"
        for link in links
    ]
    with started(name, command) as running:
        wait_until_ready(running, port, paths[0], seconds=60)
        yield Contestant(name, running, port, paths_file("datasette", paths))


def _nginx_user() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


@contextlib.contextmanager
def _nginx(name: str, configuration: Path, port: int, path: str) -> Iterator[Contestant]:
    command = [program("nginx"), "-e", "stderr", "-c", str(configuration)]
    with started(name, command) as running:
        wait_until_ready(running, port, path, seconds=20)
        yield Contestant(name, running, port, paths_file(name.replace(" ", "-"), [path]))


@contextlib.contextmanager
def nginx_static(root: Path, file: str, name: str = "nginx, static file") -> Iterator[Contestant]:
    port = free_port()
    configuration = nginx.static(CACHE / "nginx-static", _nginx_user(), port, root)
    with _nginx(name, configuration, port, f"/{file}") as contestant:
        yield contestant


@contextlib.contextmanager
def nginx_cache(dataset: Path) -> Iterator[Contestant]:
    """nginx as a cache, with our service behind it; every measured answer is a hit."""
    port, place = free_port(), CACHE / "nginx-cache"
    shutil.rmtree(place, ignore_errors=True)
    with service(dataset, name="service behind nginx") as (behind, upstream):
        wait_until_ready(behind, upstream, "/readyz")
        configuration = nginx.cache(place, _nginx_user(), port, upstream)
        with _nginx("nginx, cache", configuration, port, REPEATED) as contestant:
            yield contestant


Start = Callable[[], contextlib.AbstractContextManager[Contestant]]


def contestants(dataset: Path, page: Path, *, small: bool) -> dict[str, Start]:
    """How each server is started; those that hold every claim in memory for a small set only."""
    env = {"BENCH_CLAIMS": str(dataset / CLAIMS), "BENCH_PAGE": str(page)}

    def gunicorn(name: str, module: str, *options: str, **more: str) -> Start:
        command = [*GUNICORN, *options, f"benchmarks.peers.{module}:app"]
        return lambda: program_of_ours(name, command, {**env, **more})

    def service_asked(name: str, paths: Callable[[], list[str]]) -> Start:
        return lambda: ours(dataset, name, paths_file(name, paths()))

    uvicorn = [sys.executable, "-m", "uvicorn", "--host", "127.0.0.1", "--port", "PORT",
               "--no-access-log", "benchmarks.peers.fastapi_pydantic:app"]  # fmt: skip
    found: dict[str, Start] = {
        "nginx, static file": lambda: nginx_static(page.parent, page.name),
        "nginx, cache": lambda: nginx_cache(dataset),
        BARE: gunicorn(BARE, "bare_wsgi", "-k", "gthread"),
        "Flask, constant bytes": gunicorn("Flask, constant bytes", "flask_bytes"),
        "this service, repeated": service_asked("this service, repeated", lambda: [REPEATED]),
        "this service, uncached": service_asked("this service, uncached", page_paths),
        "this service, more filters": service_asked("this service, more filters", filtered_paths),
    }
    if small:
        found["FastAPI, pydantic"] = lambda: program_of_ours("FastAPI, pydantic", uvicorn, env)
        found["Flask, marshmallow"] = gunicorn("Flask, marshmallow", "flask_marshmallow")
        name = "Flask, marshmallow, looked up"
        found[name] = gunicorn(name, "flask_marshmallow", BENCH_LOOKUP="1")
    found["Datasette"] = lambda: datasette(dataset, "Datasette")
    found["Datasette, no suggestions"] = lambda: datasette(
        dataset, "Datasette, no suggestions", "--setting", "suggest_facets", "off"
    )
    return found


@contextlib.contextmanager
def ours(dataset: Path, name: str, paths: Path) -> Iterator[Contestant]:
    with service(dataset, name=name) as (running, port):
        wait_until_ready(running, port, "/readyz")
        yield Contestant(name, running, port, paths)


def save_page(dataset: Path) -> Path:
    """The page that the servers of constant bytes answer: one of ours."""
    place = CACHE / "page"
    place.mkdir(parents=True, exist_ok=True)
    with service(dataset, name="service for a page") as (running, port):
        wait_until_ready(running, port, "/readyz")
        status, _, body = fetch(port, REPEATED)
    if status != 200:
        raise NotMeasured(f"{REPEATED} answered {status}")
    (place / "page.json").write_bytes(body)
    return place / "page.json"
