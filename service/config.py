"""Every setting of the service, once: its name, its default, what it is for."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

CACHE_BYTES = 64 * 1024 * 1024


class SettingRefused(ValueError):
    """A setting that cannot be meant; the message names it and says what is allowed."""


@dataclass(frozen=True, slots=True)
class Config:
    """The settings a running service needs.

    ``dataset``     CLAIMS_DATASET: directory of a built data set; unset, the fixtures are
                    compiled at start, to a temporary directory.
    ``datasets``    CLAIMS_DATASETS: directory of published data sets, whose current one is served,
                    and the next as soon as it is there.
    ``fixtures``    CLAIMS_FIXTURES: directory of curated fixtures; unset, the shipped ones.
    ``public_url``  PUBLIC_URL: where the service is reached from outside, such as
                    https://claims.example.org; unset, links are relative.
    ``cache_bytes`` CACHE_BYTES: bytes of answers that each worker keeps for repeats; 0 for none.
    ``access_log``  ACCESS_LOG: ``on`` (one JSON line a request on standard output) or ``off``.
    ``epoch``       SOURCE_DATE_EPOCH: when a data set says it was built, in seconds since 1970
                    (reproducible-builds.org); unset, the newest day of its records.
    """

    dataset: Path | None = None
    datasets: Path | None = None
    fixtures: Path | None = None
    public_url: str = ""
    cache_bytes: int = CACHE_BYTES
    access_log: bool = True
    epoch: int | None = None

    @classmethod
    def from_env(cls, env: Mapping[str, str] | None = None) -> Config:
        """The settings of an environment. Raises ``SettingRefused``."""
        env = os.environ if env is None else env
        return cls(
            dataset=_path(env, "CLAIMS_DATASET"),
            datasets=_path(env, "CLAIMS_DATASETS"),
            fixtures=_path(env, "CLAIMS_FIXTURES"),
            public_url=_public_url(env.get("PUBLIC_URL", "")),
            cache_bytes=_bytes(env, "CACHE_BYTES", CACHE_BYTES),
            access_log=_switch(env, "ACCESS_LOG", default="on"),
            epoch=_epoch(env, "SOURCE_DATE_EPOCH"),
        )


def _path(env: Mapping[str, str], name: str) -> Path | None:
    return Path(env[name]) if env.get(name) else None


_PUBLIC_URL = re.compile(r"https?://[A-Za-z0-9.:\[\]-]+/?")
"""Scheme, host and port: the pages link to each other from the root, so there is no path."""


def _public_url(value: str) -> str:
    if value and not _PUBLIC_URL.fullmatch(value):
        raise SettingRefused(
            f"PUBLIC_URL is {value!r}; allowed: http(s)://host[:port], without a path"
        )
    return value.rstrip("/")


def _bytes(env: Mapping[str, str], name: str, default: int) -> int:
    value = env.get(name) or str(default)
    if not re.fullmatch(r"[0-9]{1,15}", value):
        raise SettingRefused(f"{name} is {value!r}; allowed: a number of bytes in plain digits")
    return int(value)


def _epoch(env: Mapping[str, str], name: str) -> int | None:
    value = env.get(name, "")
    if value and not re.fullmatch("[0-9]{1,10}", value):
        raise SettingRefused(f"{name} is {value!r}; allowed: seconds since 1970")
    return int(value) if value else None


def _switch(env: Mapping[str, str], name: str, default: str) -> bool:
    value = env.get(name) or default
    if value not in ("on", "off"):
        raise SettingRefused(f"{name} is {value!r}; allowed: on or off")
    return value == "on"
