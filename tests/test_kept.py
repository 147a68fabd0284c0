"""Data sets that are kept: a version that was cited can be had as long as it is there."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service import cli
from service.app import create_app
from service.compiler import Fixtures
from service.compiler.write import reindex
from service.config import Config
from service.store.dataset_format import EXPORTS, INDEX_HASHES, MANIFEST, PUBLISHED
from service.store.files import written
from tests import records, samples
from tests.conftest import serving
from tests.contract_tools import ContractClient
from tests.publishing import publish

pytestmark = pytest.mark.slow


def edition(number: int) -> Fixtures:
    return records.fixtures([records.claim(1, statement=f"Edition {number} of a statement.")])


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


def client_of(out: Path) -> ContractClient:
    app = serving(Config(datasets=out, access_log=False, cache_bytes=0))
    return ContractClient(app, app.response_class)


def test_each_kept_data_set_is_listed_with_files_that_are_as_described(out: Path) -> None:
    made = [publish(edition(number), out).name for number in range(3)]
    client = client_of(out)
    answer = client.get("/v1/datasets").get_json()
    assert [each["version"] for each in answer["data"]] == made[::-1]
    assert [each["current"] for each in answer["data"]] == [True, False, False]
    assert answer["meta"]["total"] == 3
    for dataset in answer["data"]:
        assert client.get(dataset["link"]).get_json()["data"] == dataset
        for file in dataset["files"]:
            found = client.get(file["link"])
            assert len(found.data) == file["bytes"], file["name"]
            assert hashlib.sha256(found.data).hexdigest() == file["sha256"]
            assert found.mimetype == file["media_type"]
            assert found.headers["Dataset-Version"] == dataset["version"]
            if found.mimetype != "application/json":
                part = client.get(file["link"], headers={"Range": "bytes=1-3"})
                assert part.data == found.data[1:4]
    names = {file["name"] for file in answer["data"][0]["files"]}
    assert {"manifest.json", "claims.ndjson", "claims.csv", "claims.csv.gz", "sources.csv"} < names


def test_what_a_version_has_is_what_it_had_when_it_answered(out: Path) -> None:
    first = publish(edition(1), out)
    names = ("claims.csv", "claims.ndjson", "quotes.csv", "claims.csv.gz", "datapackage.json")
    client = client_of(out)
    then = {name: client.get(f"/v1/{name}").data for name in names}
    publish(edition(2), out)
    later = client_of(out)
    for name, content in then.items():
        assert later.get(f"/v1/datasets/{first.name}/{name}").data == content
        assert later.get(f"/v1/datasets/current/{name}").data == later.get(f"/v1/{name}").data
    assert later.get("/v1/claims.csv").data != then["claims.csv"]


def test_a_version_that_is_gone_names_the_newest(out: Path) -> None:
    made = [publish(edition(number), out, keep=2).name for number in range(4)]
    client = client_of(out)
    assert [each["version"] for each in client.get("/v1/datasets").get_json()["data"]] == [
        *reversed(made[2:])
    ]
    for version in made[:2]:
        for path in (f"/v1/datasets/{version}", f"/v1/datasets/{version}/claims.csv"):
            answer = client.get(path)
            assert answer.status_code == 410
            problem = answer.get_json()
            assert (problem["type"], problem["newest"]) == ("/problems/gone", made[-1])
            page = client.get(path, headers={"Accept": "text/html"}).text
            assert f'<a href="/v1/datasets/{made[-1]}">' in page
    assert client.get("/v1/datasets/0123456789abcdef").status_code == 404


def test_a_version_that_is_published_again_is_the_newest_and_listed_once(out: Path) -> None:
    first = publish(edition(1), out).name
    publish(edition(2), out)
    publish(edition(1), out)
    client = client_of(out)
    versions = [each["version"] for each in client.get("/v1/datasets").get_json()["data"]]
    assert versions[0] == first
    assert len(versions) == len(set(versions)) == 2


@pytest.mark.parametrize(
    "path",
    [
        *("CURRENT", "current/nothing.csv", "current/index", "current/files.json", "..", "%2e%2e"),
        *("current/..%2fmanifest.json", "current/", "current/claims.csv/", ".published", "%00"),
        *("current/exports", "current/%2e%2e%2fmanifest.json", "0123456789abcde", "current/%00"),
    ],
)
def test_nothing_else_can_be_had(client: FlaskClient, path: str) -> None:
    assert client.get(f"/v1/datasets/{path}").status_code == 404


def test_the_command_keeps_as_many_as_are_set(
    out: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEEP_DATASETS", "1")
    fixtures = samples.write(samples.sample(), tmp_path / "fixtures")
    for number in (0, 1):
        (fixtures / "dataset.json").write_text(json.dumps({"title": f"Title {number}"}))
        assert cli.main(["publish", str(out), "--fixtures", str(fixtures)]) == 0
    kept = [path.name for path in out.iterdir() if (path / MANIFEST).exists()]
    assert kept == [Path(capsys.readouterr().out.split()[-1]).name, "current"] or len(kept) == 2
    for wrong in ("0", "-1", "many", "1_0"):
        monkeypatch.setenv("KEEP_DATASETS", wrong)
        assert cli.main(["publish", str(out), "--fixtures", str(fixtures)]) == 1
        assert "KEEP_DATASETS" in capsys.readouterr().err


def older(place: Path) -> None:
    """A data set as versions of the service made it that knew no exports."""
    shutil.rmtree(place / EXPORTS)
    hashes = json.loads((place / INDEX_HASHES).read_bytes())
    kept = {name: each for name, each in hashes.items() if EXPORTS not in name}
    (place / INDEX_HASHES).write_bytes(written(kept))


def test_an_older_data_set_without_exports_has_the_files_that_it_has(out: Path) -> None:
    first = publish(edition(1), out)
    publish(edition(2), out)
    older(first)
    client = client_of(out)
    (dataset,) = [
        each
        for each in client.get("/v1/datasets").get_json()["data"]
        if each["version"] == first.name
    ]
    names = {file["name"] for file in dataset["files"]}
    assert {"claims.ndjson", "manifest.json"} < names
    assert "claims.csv" not in names
    assert client.get(f"/v1/datasets/{first.name}/claims.csv").status_code == 404
    assert client.get(f"/v1/datasets/{first.name}/claims.ndjson").status_code == 200


def test_a_damaged_file_of_a_kept_data_set_is_not_handed_out(out: Path) -> None:
    first = publish(edition(1), out)
    publish(edition(2), out)
    place = first / EXPORTS / "claims.csv"
    place.write_bytes(place.read_bytes().replace(b"Edition", b"edition"))
    client = client_of(out)
    assert client.get(f"/v1/datasets/{first.name}/claims.csv").status_code == 503
    (first / MANIFEST).write_text("{}")
    assert len(client.get("/v1/datasets").get_json()["data"]) == 1
    assert client.get(f"/v1/datasets/{first.name}").status_code == 503


def test_a_served_data_set_with_a_damaged_or_missing_export_is_refused_by_name(out: Path) -> None:
    place = publish(edition(1), out)
    file = place / EXPORTS / "quotes.csv"
    content = file.read_bytes()
    for damage in (lambda: file.write_bytes(content + b"x"), file.unlink):
        damage()
        app = create_app(Config(dataset=place, access_log=False))
        assert app.test_client().get("/v1/claims").status_code == 503
        with pytest.raises(Exception, match=r"quotes\.csv"):
            app.extensions["claims.provider"].current()
    reindex(place)
    assert client_of(out).get("/v1/quotes.csv").data == content


def test_while_the_list_of_versions_cannot_be_read_no_version_is_denied(out: Path) -> None:
    first, second = (publish(edition(number), out).name for number in range(2))
    client = client_of(out)
    (out / PUBLISHED).unlink()
    (out / PUBLISHED).symlink_to(PUBLISHED)  # a loop, which nobody can open
    for path in ("", f"/{first}", "/0123456789abcdef"):
        assert client.get(f"/v1/datasets{path}").status_code == 503, path
    assert client.get(f"/v1/datasets/{second}").status_code == 200
