"""gunicorn's settings, each with its reason: ``python -m service.server``.

gunicorn reads every name here that is one of its settings or hooks; options on its command line win
over this file. All of it is loaded before the fork, so it imports nothing of the application.
"""

import contextlib
import faulthandler
import os
import shutil
import tempfile
from typing import Any

from service.config import ServerConfig, SettingRefused, refuse_exposure

try:
    _settings = ServerConfig.from_env()
except SettingRefused as error:
    raise SystemExit(str(error)) from error

# Called in each worker, after the fork: the index is memory-mapped and has threads of its own.
wsgi_app = "service.app:create_app()"
bind = _settings.bind
loglevel = _settings.log_level

# One process a core unless WEB_CONCURRENCY is set: Python runs one thread at a time, and workers
# share the index's pages through the page cache.
workers = _settings.workers
# Threads let short requests pass a long export; the search library releases the interpreter lock.
# More than four only add switching. Slow clients would hold them: nginx, in front, prevents that.
threads = 4
worker_class = "service.server.worker.ProblemWorker"
# A socket to manage the server by would lie in a home directory, which a container does not have.
control_socket_disable = True

# No peer is trusted to say which scheme, address or path a request had: links are relative or made
# from PUBLIC_URL. (FORWARDED_ALLOW_IPS in the environment would change gunicorn's default.)
forwarded_allow_ips = ""
secure_scheme_headers: dict[str, str] = {}
forwarder_headers = ""
# The table of malformed requests in tests/test_worker.py holds for the parser written in Python.
http_parser = "python"

# The longest request line that gunicorn allows; beyond it the answer is the contract's 414.
limit_request_line = 8190
# What other servers read, and more than browsers send; beyond it the answer is 431.
limit_request_fields = 100
limit_request_field_size = 8190

# Connections that one worker accepts at a time. nginx opens one for each request under way.
worker_connections = 1000
# Longer than nginx keeps an idle connection (10 s), so that it sends no request into a closing one.
keepalive = 15
# A worker that sends no heartbeat for so long is replaced: its main thread is stuck, or a request.
timeout = 30
# How long requests under way have after SIGTERM. Containers are commonly killed after 30 s.
graceful_timeout = 25

# Heartbeats belong in memory: on a disk that stalls, a healthy worker would be taken for dead.
_MEMORY = "/dev/shm"  # noqa: S108  # nosec B108  # gunicorn makes an unnamed file in it
worker_tmp_dir = _MEMORY if os.access(_MEMORY, os.W_OK) else None


def on_starting(server: Any) -> None:
    """Before the first fork: refuse a public address that ``--bind`` gave, and make the directory
    of prometheus_client's multiprocess mode, unless the environment names one.

    Each worker counts in files of its own there. Those of a worker that ended stay until the server
    ends, so that no count falls: about a megabyte for each worker that was replaced.
    """
    try:
        for host in [each[0] for each in server.cfg.address if isinstance(each, tuple)]:
            refuse_exposure(host)
    except SettingRefused as error:
        raise SystemExit(str(error)) from error
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        directory = tempfile.mkdtemp(prefix="policy-claims-metrics-", dir=worker_tmp_dir)
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_directory = directory


def child_exit(server: Any, worker: Any) -> None:
    """Forget how many requests a worker that ended had under way; its counts stay."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        with contextlib.suppress(ImportError):  # without the extra ``metrics`` nothing was counted
            from prometheus_client.multiprocess import mark_process_dead

            mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    """Remove the directory that ``on_starting`` made."""
    if directory := getattr(server, "metrics_directory", None):
        shutil.rmtree(directory, ignore_errors=True)


def worker_abort(worker: Any) -> None:
    """Write where the threads of a worker are that is replaced because it hangs."""
    faulthandler.dump_traceback()
