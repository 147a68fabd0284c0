"""Every setting of the service, once: its name, its default, what it is for."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CACHE_BYTES = 64 * 1024 * 1024
LOG_LEVELS = ("debug", "info", "warning", "error", "critical")
_LEVEL = re.compile("|".join(LOG_LEVELS), re.IGNORECASE)
_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/?")
"""Scheme, host and port: the pages link to each other from the root, so there is no path."""
_NODE = re.compile(r"(https?)://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?")
_DIGITS, _SECONDS = re.compile("[0-9]{1,15}"), re.compile("[0-9]{1,10}")
_COUNT, _DECIMAL = re.compile("[0-9]{1,5}"), re.compile(r"[0-9]{1,3}(?:\.[0-9]{1,3})?")
_NODES = re.compile(".{1,4096}")
_CONTACT = re.compile(r"(?:https://|mailto:|tel:)[!-~]{1,500}")
"""An address that RFC 9116, section 2.5.3, takes."""
_SWITCH, _ACCEPT = re.compile("on|off"), re.compile("accept")


class SettingRefused(ValueError):
    """A setting that cannot be meant; the message names it and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings a running service needs.

    ``dataset``     CLAIMS_DATASET: directory of a built data set; unset, the fixtures are
                    compiled at start, to a temporary directory.
    ``datasets``    CLAIMS_DATASETS: directory of published data sets, whose current one is served,
                    and the next as soon as it is there; beside ``store``, where the files are that
                    were made when the data set of the cluster was built.
    ``fixtures``    CLAIMS_FIXTURES: directory of curated fixtures; unset, the shipped ones.
    ``documents``   CLAIMS_DOCUMENTS: directory of the files of documents, which pages show as far
                    as each document's ``text`` allows; unset, none is shown.
    ``public_url``  PUBLIC_URL: where the service is reached from outside, such as
                    https://claims.example.org; unset, links are relative.
    ``security_contact`` SECURITY_CONTACT: whom to tell of a weakness, for
                    ``/.well-known/security.txt``; unset, that is a 404.
    ``cache_bytes`` CACHE_BYTES: bytes of answers that each worker keeps for repeats; 0 for none.
    ``access_log``  ACCESS_LOG: ``on`` (one JSON line a request on standard output) or ``off``.
    ``keep``        KEEP_DATASETS: how many published data sets stay, the newest among them.
    ``epoch``       SOURCE_DATE_EPOCH: when a data set says it was built, in seconds since 1970
                    (reproducible-builds.org); unset, the newest day of its records.
    ``store``       CLAIMS_STORE: nodes of an OpenSearch cluster whose published data set is
                    served, such as https://one.example:9200,https://two.example:9200; http is for
                    loopback alone.
    ``store_ca``    CLAIMS_STORE_CA: file with the certificates that sign those of the nodes; unset,
                    the authorities that everybody trusts.
    ``store_user``, ``store_password``  CLAIMS_STORE_USER_FILE, CLAIMS_STORE_PASSWORD_FILE: files
                    with the name and the password for the cluster.
    ``store_seconds``  CLAIMS_STORE_SECONDS: after which a request to the cluster is given up.
    """

    dataset: Path | None = None
    datasets: Path | None = None
    fixtures: Path | None = None
    documents: Path | None = None
    public_url: str = ""
    security_contact: str = ""
    cache_bytes: int = CACHE_BYTES
    access_log: bool = True
    keep: int = 3
    epoch: int | None = None
    store: tuple[str, ...] = ()
    store_ca: Path | None = None
    store_user: Path | None = None
    store_password: Path | None = None
    store_seconds: float = 2.5

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> Config:
        """The settings of an environment. Raises ``SettingRefused``."""
        allowed = "http(s)://host[:port], without a path"
        public_url = _read(env, "PUBLIC_URL", "", _PUBLIC_URL, allowed)
        allowed = "a number of bytes in plain digits"
        cache_bytes = _read(env, "CACHE_BYTES", str(CACHE_BYTES), _DIGITS, allowed)
        epoch = _read(env, "SOURCE_DATE_EPOCH", "", _SECONDS, "seconds since 1970")
        allowed = "a number of seconds such as 2.5"
        seconds = _read(env, "CLAIMS_STORE_SECONDS", "2.5", _DECIMAL, allowed)
        return cls(
            dataset=_read_path(env, "CLAIMS_DATASET"),
            datasets=_read_path(env, "CLAIMS_DATASETS"),
            fixtures=_read_path(env, "CLAIMS_FIXTURES"),
            documents=_read_path(env, "CLAIMS_DOCUMENTS"),
            public_url=public_url.rstrip("/"),
            security_contact=_read(
                env, "SECURITY_CONTACT", "", _CONTACT, "an https:, mailto: or tel: address"
            ),
            cache_bytes=int(cache_bytes),
            access_log=_read(env, "ACCESS_LOG", "on", _SWITCH, "on or off") == "on",
            keep=_read_number(env, "KEEP_DATASETS", default=3, maximum=1000),
            epoch=int(epoch) if epoch else None,
            store=_read_nodes(env),
            store_ca=_read_path(env, "CLAIMS_STORE_CA"),
            store_user=_read_path(env, "CLAIMS_STORE_USER_FILE"),
            store_password=_read_path(env, "CLAIMS_STORE_PASSWORD_FILE"),
            store_seconds=float(seconds),
        )


@dataclass(frozen=True, slots=True)
class ServerConfig:
    """The settings of the server process, which gunicorn reads before it loads the application.

    ``host``, ``port``  HOST, PORT: the address to listen on; an IPv6 address without brackets.
    ``workers``         WEB_CONCURRENCY: worker processes; unset, one for each usable core.
    ``log_level``       LOG_LEVEL: of the server's own messages on standard error.
    """

    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    log_level: str = "info"

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> ServerConfig:
        """The settings of an environment. Raises ``SettingRefused``."""
        host = env.get("HOST") or "127.0.0.1"
        refuse_exposure(host, env)
        return cls(
            host=host,
            port=_read_number(env, "PORT", default=8000, maximum=65535),
            workers=_read_number(env, "WEB_CONCURRENCY", default=_usable_cores(), maximum=1000),
            log_level=_read(env, "LOG_LEVEL", "info", _LEVEL, ", ".join(LOG_LEVELS)).lower(),
        )

    @property
    def bind(self) -> str:
        """Host and port as gunicorn's ``bind`` and URLs have them."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.bind}"


def refuse_exposure(host: str, env: Mapping[str, str] = os.environ) -> None:
    """Raise ``SettingRefused`` for an address that is not loopback, unless that is accepted."""
    accepted = _read(env, "DIRECT_EXPOSURE", "", _ACCEPT, "accept, or nothing")
    if not accepted and not is_loopback(host):
        raise SettingRefused(
            f"HOST is {host!r}, which other machines can reach. Without a proxy in front, a few "
            "slow clients stop the service, and nobody limits how much a client asks for. Put "
            "nginx in front (deploy/nginx.conf) and listen on 127.0.0.1; or set "
            "DIRECT_EXPOSURE=accept where only the proxy can reach the address, as in a container."
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:  # another name may be any address
        return False


def _read_nodes(env: Mapping[str, str]) -> tuple[str, ...]:
    """The addresses of the nodes of a cluster. Raises ``SettingRefused`` for what is not encrypted
    and leads to another machine.
    """
    allowed = "https://host:port, or several of them with commas; http:// on loopback"
    nodes = parse_nodes(_read(env, "CLAIMS_STORE", "", _NODES, allowed))
    if nodes is None:
        raise SettingRefused(f"CLAIMS_STORE is {env.get('CLAIMS_STORE')!r}; allowed: {allowed}")
    return nodes


def parse_nodes(text: str) -> tuple[str, ...] | None:
    """Addresses of nodes from a text with commas between them; ``None`` for what is not allowed."""
    nodes = tuple(node.rstrip("/") for node in text.split(",") if node)
    for node in nodes:
        match = _NODE.fullmatch(node)
        if match is None or (match[1] == "http" and not is_loopback(match[2].strip("[]"))):
            return None
    return nodes


def _usable_cores() -> int:
    """The cores this process may use, which in a container can be fewer than the machine has."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _read(
    env: Mapping[str, str], name: str, default: str, pattern: re.Pattern[str], allowed: str
) -> str:
    """A setting that matches a pattern whole; ``default`` where it is unset or empty."""
    value = env.get(name)
    if value and not pattern.fullmatch(value):
        raise SettingRefused(f"{name} is {value!r}; allowed: {allowed}")
    return value or default


def _read_path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None


def _read_number(env: Mapping[str, str], name: str, default: int, maximum: int) -> int:
    allowed = f"a whole number from 1 to {maximum}"
    number = int(_read(env, name, str(default), _COUNT, allowed))
    if not 1 <= number <= maximum:
        raise SettingRefused(f"{name} is {env.get(name)!r}; allowed: {allowed}")
    return number
