"""gunicorn's settings, each with its reason: ``gunicorn -c python:service.server.gunicorn_conf``.

gunicorn reads every name in this module that is one of its settings. Whatever is not set here
keeps gunicorn's default; options on its command line win over this file. The settings of the
server itself (HOST, PORT, WEB_CONCURRENCY, LOG_LEVEL) are read here and nowhere else; those of the
service in service.config.
"""

from __future__ import annotations

import os
import resource
from typing import Any

from service.server import tallies


def _whole_number(name: str, default: int, most: int) -> int:
    """A setting that counts something; a bad one ends the start with a sentence."""
    given = os.environ.get(name) or str(default)
    if given.isascii() and given.isdigit() and 1 <= int(given) <= most:
        return int(given)
    raise SystemExit(f"{name} is {given!r}; allowed: a whole number from 1 to {most}")


def _log_level() -> str:
    given = os.environ.get("LOG_LEVEL") or "info"
    allowed = ("debug", "info", "warning", "error", "critical")
    if given.lower() in allowed:
        return given.lower()
    raise SystemExit(f"LOG_LEVEL is {given!r}; allowed: {', '.join(allowed)}")


def _cores() -> int:
    """The cores this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _connections(most: int) -> int:
    allowed, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return most if allowed == resource.RLIM_INFINITY else max(min(most, allowed - 100), 10)


# The application factory; gunicorn calls it in each worker.
wsgi_app = "service.app:create_app()"

# Loopback unless HOST says otherwise: a service is opened to a network on purpose only.
# An IPv6 address needs its brackets.
host = os.environ.get("HOST") or "127.0.0.1"
port = _whole_number("PORT", default=8000, most=65535)
bind = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"

# One process a core (WEB_CONCURRENCY overrides): Python runs one thread at a time, and the
# workers share the index's pages through the page cache, so a worker costs little memory.
workers = _whole_number("WEB_CONCURRENCY", default=_cores(), most=1000)

# Threads inside a worker let short requests pass a long export; the search library releases the
# interpreter lock while it works. More than four only add switching. Event-loop workers showed a
# 99th percentile of 50 to 190 ms here. Clients that are slow hold none (service.server.worker).
threads = 4

# gunicorn's gthread worker, with its own refusals as problem details.
worker_class = "service.server.worker.ProblemWorker"

# The index is memory-mapped and holds threads of its own, so each worker opens it after the
# fork; an application loaded before would share them across processes.
preload_app = False

# Off: a Unix socket through which the running server can be managed has no use here, and it
# would be written to a home directory that a read-only container does not have.
control_socket_disable = True

# No peer is trusted to say which scheme, address or path a request had. Links are relative, or
# formed from PUBLIC_URL, so nothing here needs to know; a proxy's word is not needed either.
# (Set explicitly: the environment variable FORWARDED_ALLOW_IPS would change the default.)
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
proxy_protocol = "off"

# A header with an underscore could pass for its namesake with a hyphen: dropped before the
# application sees it. (Refusing would turn away clients that mean no harm.)
header_map = "drop"

# HTTP/1 only, and the parser written in Python: the table of malformed requests in the tests
# holds for exactly this one.
http_protocols = "h1"
http_parser = "python"

# The longest request line read, the most that gunicorn allows; beyond it the answer is 414, which
# the contract documents: twenty values of full length in each of seven lists do not fit.
limit_request_line = 8190
# 100 header fields of up to 8,190 bytes each: what other servers read, and more than browsers
# send. Beyond it the answer is 431.
limit_request_fields = 100
limit_request_field_size = 8190

# Connections that one worker holds: idle or slow ones cost no thread, only a descriptor, of which
# some must be left for files.
worker_connections = _connections(most=1000)

# How long an idle connection stays open: long enough for a page walk or a person reading,
# short enough that idle clients do not fill the places above.
keepalive = 15

# A worker whose main thread gives no sign for this long is replaced. Threads do not count: a slow
# client ends by the deadlines in service.server.worker, not by losing the whole worker.
timeout = 30

# After SIGTERM: no new connections, and this long for requests under way (a whole export to a
# slow client is the longest). Containers are commonly killed after 30 s; stay below that.
graceful_timeout = 25

# Workers are not recycled by count: the data is immutable and read in place, so there is
# nothing to shed, and a new worker would begin with an empty response cache.
max_requests = 0

# The heartbeat file belongs in memory: on a disk that stalls, a healthy worker would be taken
# for dead, and a read-only file system may have no other place to write.
_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108  # gunicorn makes an unnamed file in it
worker_tmp_dir = _MEMORY if os.access(_MEMORY, os.W_OK) else None

# One JSON line a request is written by the WSGI middleware, refusals and cached answers
# included; gunicorn's own access log would repeat it in another format.
accesslog = None
errorlog = "-"
loglevel = _log_level()

# What `ps` shows, when the setproctitle package is there.
proc_name = "policy-claims"


# Prometheus metrics, where the extra is installed: counts that all workers share.


def on_starting(server: Any) -> None:
    """Before the first fork: make the directory of the workers' counts, and name it to them."""
    server.tallies = tallies.make_directory(worker_tmp_dir)


def child_exit(server: Any, worker: Any) -> None:
    """A worker ended, by itself or not: keep what it counted, and let go of its files."""
    try:
        tallies.fold(worker.pid)
    except Exception:
        # Nothing that is wrong with counts may end the server.
        server.log.exception("The counts of worker %s are lost.", worker.pid)


def on_exit(server: Any) -> None:
    """The server ends: its counts end with it."""
    tallies.remove_directory(getattr(server, "tallies", None))
