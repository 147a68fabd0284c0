"""Settings come from the environment; what cannot be meant is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.app import create_app
from service.config import Config, SettingRefused
from tests.wire import ask

SETTINGS = (
    *("CLAIMS_DATASET", "CLAIMS_DATASETS", "CLAIMS_FIXTURES", "PUBLIC_URL"),
    *("CACHE_BYTES", "ACCESS_LOG"),
)
"""Each of them unset where it is empty."""


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, Config()),
        (dict.fromkeys(SETTINGS, ""), Config()),
        ({"CLAIMS_DATASET": "built/x"}, Config(dataset=Path("built/x"))),
        ({"CLAIMS_DATASETS": "published"}, Config(datasets=Path("published"))),
        ({"CLAIMS_FIXTURES": "own"}, Config(fixtures=Path("own"))),
        ({"ACCESS_LOG": "on"}, Config(access_log=True)),
        ({"CACHE_BYTES": "0"}, Config(cache_bytes=0)),
        ({"CACHE_BYTES": "1000000"}, Config(cache_bytes=1_000_000)),
        ({"ACCESS_LOG": "off"}, Config(access_log=False)),
        ({"UNRELATED": "x", "public_url": "x"}, Config()),
        *(
            ({"PUBLIC_URL": given}, Config(public_url=kept))
            for given, kept in (
                ("https://claims.example.org", "https://claims.example.org"),
                ("https://claims.example.org/", "https://claims.example.org"),
                ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
                ("http://[::1]:8000", "http://[::1]:8000"),
            )
        ),
    ],
)
def test_each_setting_is_read_under_its_name(env: dict[str, str], expected: Config) -> None:
    assert Config.from_env(env) == expected


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(
            ("PUBLIC_URL", value)
            for value in (
                "https://example.org/claims",
                "http://[::1]:8000/a/b",
                *("example.org", "//example.org", "/claims", "ftp://example.org", "javascript:x"),
                *("https://", "http:///claims", "https:example.org", "HTTPS//x", " https://a.b"),
                *("https://a b", "https://a.b?x=1", "https://a.b/#x", "https://a.b\r\nX: y"),
                *('https://a"b', "https://a.b/<c>", "https://user@a.b", "https://a.b\n"),
            )
        ),
        *(
            ("CACHE_BYTES", value)
            for value in ("-1", "1k", "1_000", "٣", " 1", "1\n", "1e6", "9" * 16)
        ),
        *(("ACCESS_LOG", value) for value in ("yes", "1", "true", "ON", " on", "off\n")),
    ],
)
def test_what_cannot_be_meant_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingRefused, match=name):
        Config.from_env({name: value})


def test_the_environment_of_the_process_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUBLIC_URL", "https://claims.example.org")
    monkeypatch.setenv("ACCESS_LOG", "off")
    assert Config.from_env().public_url == "https://claims.example.org"
    links = ask(create_app(), "/v1/claims?limit=1").json["links"]
    assert links["self"] == "https://claims.example.org/v1/claims?limit=1"


def test_nothing_can_be_changed_once_it_is_read() -> None:
    with pytest.raises(AttributeError):
        Config().public_url = "https://elsewhere.example"  # type: ignore[misc]
