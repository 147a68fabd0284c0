"""``serve --watch``: fixtures served as they are, and again after each edit of them."""

import errno
import os
import signal
import subprocess  # nosec B404  # runs this interpreter
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from schemas.faults import DataRefused
from service.app import create_app
from service.compiler import BuildFailed
from service.compiler.continuation import HistoryRewritten
from service.compiler.pending import PENDING, EditRefused, EditUnfinished
from service.compiler.publish import publish
from service.config import ServerConfig, SettingRefused, is_loopback
from service.http.cache import Headers
from service.http.headers import DATA_CACHE
from service.store.files import writable_directory
from service.store.protocol import DatasetUnavailable
from service.store.provider import ReloadingProvider

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LOOK_SECONDS = 0.1
"""Time between two looks at the files; an edit counts when two looks find the same."""
STOPPING_SECONDS = 30.0
"""How long the server may take to end before it is killed: more than it gives its requests."""
_QUIET = {"WEB_CONCURRENCY": "1", "ACCESS_LOG": "off", "LOG_LEVEL": "warning"}
"""Settings for one person on one machine, unless the environment has others. A second process
would answer from the state before while the first answers from the new one."""
_REFUSED = (BuildFailed, DatasetUnavailable, EditRefused, EditUnfinished, UnicodeDecodeError)
_NOT_RECORDED = "an edit that no change records, looked at with serve --watch"
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_REVALIDATED = {DATA_CACHE: "no-cache"}

_State = frozenset[tuple[str, int, int, int]]


def refuse_others(settings: ServerConfig) -> None:
    """Raises ``SettingRefused`` for an address that other machines can reach: what is served has
    not been published yet.
    """
    if not is_loopback(settings.host):
        raise SettingRefused(
            f"HOST is {settings.host!r}; allowed with --watch: 127.0.0.1, ::1 or localhost, since "
            "it shows what is not published yet"
        )


def watch(directory: Path, address: str) -> int:
    """Serves fixtures until it is stopped, and what they become with each edit.

    What cannot be served is told, and the state before goes on being served.
    ``address`` says where, to whoever waits for it. Gives the exit status.
    """
    if not directory.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(directory))
    place = writable_directory()
    with _signals(), tempfile.TemporaryDirectory(prefix="policy-claims-", dir=place) as out:
        try:
            return _follow(_Watched(directory, Path(out)), address, out)
        except KeyboardInterrupt:
            return 0


def _follow(watched: "_Watched", address: str, out: str) -> int:
    watched.publish()
    print(address, flush=True)
    with _server(out) as server:
        while server.poll() is None:
            time.sleep(LOOK_SECONDS)
            watched.look()
        return server.returncode


class _Watched:
    """A directory of fixtures, and where what is made of them is published."""

    def __init__(self, directory: Path, out: Path) -> None:
        self._directory, self._out = directory, out
        self._seen = self._published = _state(directory)
        self._served: str | None = None
        self._faulty = False

    def look(self) -> None:
        """Publishes what was edited, once nothing changes any more."""
        before, self._seen = self._seen, _state(self._directory)
        if self._seen == before != self._published:
            self._published = before
            self.publish()

    def publish(self) -> None:
        """Publishes the fixtures as they are, and tells what came of it."""
        try:
            version = self._version()
        except DataRefused as refused:
            for fault in refused.faults:
                print(fault, file=sys.stderr)
            self._refuse(f"{refused.summary} in {self._directory}")
        except _REFUSED as error:
            self._refuse(str(error))
        except OSError as error:
            self._refuse(f"{error.filename or self._directory}: {error.strerror or error}")
        else:
            if version != self._served or self._faulty:
                _tell(f"{self._directory} is served, version {version}")
            self._served, self._faulty = version, False

    def _version(self) -> str:
        try:
            return publish(self._directory, self._out).name
        except HistoryRewritten:  # an edit by hand, of which nobody knows yet whether it will stay
            _tell(f"{self._directory} differs from what was served, and no change records it")
            return publish(self._directory, self._out, restart=_NOT_RECORDED).name

    def _refuse(self, reason: str) -> None:
        goes_on = "the state before goes on being served" if self._served else "nothing is served"
        self._faulty = True
        _tell(f"{reason}; {goes_on}")


def _tell(what: str) -> None:
    print(time.strftime("%H:%M:%S"), what, file=sys.stderr, flush=True)


def _state(directory: Path) -> _State | None:
    """What tells whether files were edited; ``None`` while that cannot be told, since one of them
    is being replaced or the directory is gone.

    A decided edit of which the files are not in their place yet counts too.
    """
    found = []
    try:
        with os.scandir(directory) as entries:
            for entry in entries:
                if entry.name == PENDING or (entry.is_file() and not entry.name.startswith(".")):
                    state = entry.stat()
                    found.append((entry.name, state.st_ino, state.st_size, state.st_mtime_ns))
    except OSError:
        return None
    return frozenset(found)


def revalidated_app() -> "WSGIApplication":
    """The service, which looks for data as often as the files are looked at. A browser asks for it
    anew each time: within the minute for which it would keep an answer, they may have been edited.
    """
    app = create_app()
    provider = app.extensions["claims.provider"]
    if isinstance(provider, ReloadingProvider):
        provider.period = LOOK_SECONDS

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        def start(status: str, headers: Headers, *more: Any) -> Any:
            changed = [(key, _REVALIDATED.get(value, value)) for key, value in headers]
            return start_response(status, changed, *more)

        return app(environ, start)

    return answer


@contextmanager
def _server(datasets: str) -> Iterator[subprocess.Popen[bytes]]:
    """A server of a directory of data sets, which ends with the block."""
    unset = ("CLAIMS_DATASET", "CLAIMS_FIXTURES", "CLAIMS_STORE", "DIRECT_EXPOSURE")
    environment = _QUIET | {key: value for key, value in os.environ.items() if key not in unset}
    environment["CLAIMS_DATASETS"] = datasets
    command = [sys.executable, "-m", "service.server", f"{__name__}:revalidated_app()"]
    server = subprocess.Popen(command, env=environment)  # noqa: S603  # nosec B603  # all our own
    try:
        yield server
    finally:
        server.terminate()
        try:
            server.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


@contextmanager
def _signals() -> Iterator[None]:
    """Lets whatever asks this process to end do what Ctrl+C does."""

    def stop(*_: object) -> NoReturn:
        for number in _STOPPING:  # who presses Ctrl+C twice must not keep the server from ending
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    before = [signal.signal(number, stop) for number in _STOPPING]
    try:
        yield
    finally:
        for number, handler in zip(_STOPPING, before, strict=True):
            signal.signal(number, handler)
