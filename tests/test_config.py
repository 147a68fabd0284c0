"""Settings come from the environment; what cannot be meant is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.app import create_app
from service.config import Config, SettingRefused
from tests.wire import ask


@pytest.mark.parametrize(
    ("env", "expected"),
    [
        ({}, Config()),
        ({"CLAIMS_DATASET": "", "CLAIMS_FIXTURES": "", "PUBLIC_URL": ""}, Config()),
        ({"CLAIMS_DATASET": "built/x"}, Config(dataset=Path("built/x"))),
        ({"CLAIMS_DATASETS": "published"}, Config(datasets=Path("published"))),
        ({"CLAIMS_FIXTURES": "own"}, Config(fixtures=Path("own"))),
        ({"ACCESS_LOG": "on"}, Config(access_log=True)),
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
