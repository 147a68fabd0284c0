"""Settings come from the environment; what cannot be meant is refused by name."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.app import create_app
from service.config import Config, ServerConfig, SettingRefused
from tests.tables import each_row
from tests.wire import ask

SETTINGS = (
    *("CLAIMS_DATASET", "CLAIMS_DATASETS", "CLAIMS_FIXTURES", "CLAIMS_DOCUMENTS"),
    *(
        "PUBLIC_URL",
        "CACHE_BYTES",
        "ACCESS_LOG",
        "CLAIMS_STORE",
        "CLAIMS_STORE_CA",
        "CLAIMS_STORE_SECONDS",
    ),
    *("CLAIMS_STORE_USER_FILE", "CLAIMS_STORE_PASSWORD_FILE"),
)
"""Each of them unset where it is empty."""


@each_row(
    ("env", "expected"),
    [
        ({}, Config()),
        (dict.fromkeys(SETTINGS, ""), Config()),
        ({"CLAIMS_DATASET": "built/x"}, Config(dataset=Path("built/x"))),
        ({"CLAIMS_DATASETS": "published"}, Config(datasets=Path("published"))),
        ({"CLAIMS_FIXTURES": "own"}, Config(fixtures=Path("own"))),
        ({"CLAIMS_DOCUMENTS": "texts"}, Config(documents=Path("texts"))),
        ({"ACCESS_LOG": "on"}, Config(access_log=True)),
        ({"CACHE_BYTES": "0"}, Config(cache_bytes=0)),
        ({"CACHE_BYTES": "1000000"}, Config(cache_bytes=1_000_000)),
        ({"ACCESS_LOG": "off"}, Config(access_log=False)),
        ({"UNRELATED": "x", "public_url": "x"}, Config()),
        ({"CLAIMS_STORE": "https://a.b:9200/"}, Config(store=("https://a.b:9200",))),
        (
            {"CLAIMS_STORE": "https://one,http://127.0.0.1:9200,http://[::1]"},
            Config(store=("https://one", "http://127.0.0.1:9200", "http://[::1]")),
        ),
        ({"CLAIMS_STORE_CA": "ca.pem"}, Config(store_ca=Path("ca.pem"))),
        ({"CLAIMS_STORE_USER_FILE": "user"}, Config(store_user=Path("user"))),
        ({"CLAIMS_STORE_PASSWORD_FILE": "word"}, Config(store_password=Path("word"))),
        ({"CLAIMS_STORE_SECONDS": "10"}, Config(store_seconds=10.0)),
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


@each_row(
    ("name", "value"),
    [
        *(
            ("CLAIMS_STORE", value)
            for value in (
                *("one.example:9200", "http://one.example:9200", "https://", "ftp://one"),
                *("https://user:password@one", "https://one/path", "https://one,http://10.0.0.1"),
            )
        ),
        *(("CLAIMS_STORE_SECONDS", value) for value in ("fast", "-1", "1e3", "1000")),
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


@pytest.mark.parametrize(
    ("env", "bind", "url"),
    [
        ({}, "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ({"HOST": "", "PORT": ""}, "127.0.0.1:8000", "http://127.0.0.1:8000"),
        ({"HOST": "::1", "PORT": "80"}, "[::1]:80", "http://[::1]:80"),
        ({"HOST": "localhost", "PORT": "65535"}, "localhost:65535", "http://localhost:65535"),
        ({"HOST": "127.9.9.9"}, "127.9.9.9:8000", "http://127.9.9.9:8000"),
        (
            {"HOST": "0.0.0.0", "DIRECT_EXPOSURE": "accept"},
            "0.0.0.0:8000",
            "http://0.0.0.0:8000",
        ),
    ],
)
def test_the_server_listens_where_host_and_port_say(
    env: dict[str, str], bind: str, url: str
) -> None:
    settings = ServerConfig.from_env(env)
    assert (settings.bind, settings.url) == (bind, url)


@each_row("host", ["0.0.0.0", "::", "192.0.2.1", "2001:db8::1", "example.org", "*"])
@each_row("accepted", [None, ""])
def test_a_host_that_is_not_loopback_is_refused_with_the_risk(
    host: str, accepted: str | None
) -> None:
    env = {"HOST": host} if accepted is None else {"HOST": host, "DIRECT_EXPOSURE": accepted}
    with pytest.raises(SettingRefused, match=r"HOST.*slow clients.*deploy/nginx\.conf.*accept"):
        ServerConfig.from_env(env)


@each_row(
    ("name", "value"),
    [
        *(("PORT", value) for value in ("0", "65536", "-1", "http", "8_000", "\u0668", " 80")),
        *(("WEB_CONCURRENCY", value) for value in ("0", "1001", "two", "1.5")),
        *(("LOG_LEVEL", value) for value in ("loud", "INFO ", "10")),
        *(("DIRECT_EXPOSURE", value) for value in ("yes", "1", "accepted", "ACCEPT")),
    ],
)
def test_a_setting_of_the_server_that_cannot_be_meant_is_refused_by_name(
    name: str, value: str
) -> None:
    with pytest.raises(SettingRefused, match=name):
        ServerConfig.from_env({name: value})
