"""What the Python client keeps of answers: bounded, whole, and never trusted unasked."""

from __future__ import annotations

import hashlib
import logging
import os
import re
import shutil
import threading
from pathlib import Path

import pytest

from service.client import Client, DirectoryCache, MemoryCache
from service.client.cache import Cache, Kept
from tests.live import served
from tests.wire import app_of, sample_store

KEPT = Kept('"tag"', "application/json", "v1", b'{"data": 1}\nwith a second line\xff')
SECRET = "http://user:password@host/v1/claims?q=secret"


def kept(size: int, tag: str = '"tag"') -> Kept:
    return Kept(tag, "text/csv", None, b"x" * size)


@pytest.fixture(params=["memory", "directory"])
def cache(request: pytest.FixtureRequest, tmp_path: Path) -> Cache:
    if request.param == "memory":
        return MemoryCache(max_bytes=5_000)
    return DirectoryCache(tmp_path / "deep" / "cache", max_bytes=5_000)


def test_what_was_put_comes_back_byte_for_byte(cache: Cache) -> None:
    assert cache.get(SECRET) is None
    cache.put(SECRET, KEPT)
    assert cache.get(SECRET) == KEPT
    assert cache.get(SECRET + "s") is None


def test_a_newer_answer_takes_the_place_of_the_older(cache: Cache) -> None:
    cache.put("a", kept(10, '"old"'))
    cache.put("a", kept(20, '"new"'))
    assert cache.get("a") == kept(20, '"new"')


def test_what_was_used_longest_ago_goes_first(cache: Cache) -> None:
    for name in "abc":
        cache.put(name, kept(1_000))
        _age(cache)
    assert cache.get("a")
    _age(cache)
    for name in "def":
        cache.put(name, kept(1_000))
        _age(cache)
    assert cache.get("a")
    assert cache.get("f")
    assert cache.get("b") is None


def _age(cache: Cache) -> None:
    """Makes every file a second older, since a file system's clock may be coarse."""
    if isinstance(cache, DirectoryCache):
        for path in cache.directory.iterdir():
            used = path.stat().st_mtime - 1
            os.utime(path, (used, used))


def test_an_answer_larger_than_the_cache_empties_nothing(cache: Cache) -> None:
    cache.put("a", kept(100))
    cache.put("b", kept(50_000))
    assert cache.get("a")
    assert cache.get("b") is None


def test_a_larger_answer_in_the_place_of_one_that_was_kept_is_not_mixed_up(cache: Cache) -> None:
    cache.put("a", kept(100, '"old"'))
    cache.put("a", kept(50_000, '"new"'))
    found = cache.get("a")
    assert found is None or found == kept(100, '"old"')


def test_a_cache_never_holds_more_than_it_may(tmp_path: Path) -> None:
    memory, directory = MemoryCache(5_000), DirectoryCache(tmp_path, 5_000)
    for number in range(200):
        memory.put(str(number), kept(number * 7 % 900))
        directory.put(str(number), kept(number * 7 % 900))
        assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 5_000
    answers, held, most = map(int, re.findall("[0-9]+", repr(memory)))
    assert 3 < answers < 200
    assert 0 < held <= most == 5_000
    assert len(list(tmp_path.iterdir())) > 3


def test_a_directory_that_was_larger_is_cut_when_it_is_opened(tmp_path: Path) -> None:
    for number in range(20):
        DirectoryCache(tmp_path).put(str(number), kept(1_000))
    DirectoryCache(tmp_path, max_bytes=5_000)
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) <= 5_000


def test_files_of_others_are_neither_counted_nor_deleted(tmp_path: Path) -> None:
    (tmp_path / "large.txt").write_bytes(b"x" * 50_000)
    os.utime(tmp_path / "large.txt", (4e9, 4e9))  # used later than anything else
    cache = DirectoryCache(tmp_path, max_bytes=5_000)
    for name in "abcdefgh":
        cache.put(name, kept(1_000))
    assert cache.get("h")
    assert cache.get("f")
    assert (tmp_path / "large.txt").exists()


def test_what_is_kept_is_for_its_owner_alone(tmp_path: Path) -> None:
    cache = DirectoryCache(tmp_path / "cache")
    cache.put("a", KEPT)
    for path in (cache.directory, *cache.directory.iterdir()):
        assert path.stat().st_mode & 0o077 == 0


def test_nothing_of_an_address_reaches_the_disk(tmp_path: Path) -> None:
    DirectoryCache(tmp_path).put(SECRET, KEPT)
    (path,) = tmp_path.iterdir()
    assert path.name == hashlib.sha256(SECRET.encode()).hexdigest() + ".answer"
    assert b"secret" not in path.read_bytes()
    assert b"password" not in path.read_bytes()


@pytest.mark.parametrize("address", ["../../etc/passwd", "a/b", "x" * 9_000, "\0", "é\n"])
def test_any_address_is_a_safe_file_name(tmp_path: Path, address: str) -> None:
    cache = DirectoryCache(tmp_path / "cache")
    cache.put(address, KEPT)
    assert cache.get(address) == KEPT
    assert [path.name for path in tmp_path.iterdir()] == ["cache"]


def test_a_file_that_was_cut_or_changed_counts_as_missing_and_goes(tmp_path: Path) -> None:
    cache = DirectoryCache(tmp_path)
    cache.put("a", KEPT)
    (path,) = tmp_path.iterdir()
    whole = path.read_bytes()
    changed = [whole[:-1], whole + b"x", b"", b"\n\n", whole.replace(b"v1", b"v2")]
    strange = b'{"etag": 1}\nbody'
    changed.append(hashlib.sha256(strange).hexdigest().encode() + b"\n" + strange)
    for content in changed:
        path.write_bytes(content)
        assert cache.get("a") is None
        assert not path.exists()


def test_no_half_written_file_is_ever_seen(tmp_path: Path) -> None:
    """Two writers and two readers of one answer: each reads one of the two, whole."""
    cache = DirectoryCache(tmp_path)
    written = kept(200_000, '"a"'), kept(300_000, '"b"')
    cache.put("one", written[0])
    seen: list[Kept | None] = []

    def write(answer: Kept) -> None:
        for _ in range(30):
            cache.put("one", answer)

    def read() -> None:
        seen.extend(cache.get("one") for _ in range(60))

    threads = [threading.Thread(target=write, args=(each,)) for each in written]
    threads += [threading.Thread(target=read) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen) == 120
    assert all(each in written for each in seen)
    assert [path.suffix for path in tmp_path.iterdir()] == [".answer"]


def test_what_nobody_finished_writing_goes_and_other_files_stay(tmp_path: Path) -> None:
    for name, age in (("old.part", 7_200), ("new.part", 0), ("notes.txt", 7_200)):
        (tmp_path / name).write_bytes(b"x")
        used = (tmp_path / name).stat().st_mtime - age
        os.utime(tmp_path / name, (used, used))
    DirectoryCache(tmp_path, max_bytes=0)
    assert {path.name for path in tmp_path.iterdir()} == {"new.part", "notes.txt"}


def test_a_disk_that_keeps_nothing_fails_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = DirectoryCache(tmp_path / "cache")
    shutil.rmtree(cache.directory)
    with (
        caplog.at_level(logging.WARNING),
        served(app_of(sample_store())) as service,
        Client(service.url, cache=cache) as client,
    ):
        assert not client.dataset().unchanged
        assert not client.dataset().unchanged
    assert "could not be kept" in caplog.text


def test_a_directory_outlives_the_client_and_is_shared(tmp_path: Path) -> None:
    with served(app_of(sample_store())) as service:
        with Client(service.url, cache=DirectoryCache(tmp_path)) as first:
            told = first.dataset()
        with Client(service.url, cache=DirectoryCache(tmp_path)) as second:
            again = second.dataset()
    assert (told.unchanged, again.unchanged) == (False, True)
    assert again.data == told.data


def test_two_services_do_not_share_answers(tmp_path: Path) -> None:
    cache = DirectoryCache(tmp_path)
    with (
        served(app_of(sample_store())) as one,
        served(app_of(sample_store())) as other,
        Client(one.url, cache=cache) as first,
        Client(other.url, cache=cache) as second,
    ):
        assert not first.dataset().unchanged
        assert not second.dataset().unchanged
