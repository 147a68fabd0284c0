"""Publishing: a data set is built, proved, and made the current one in one step for all servers.

Whatever ends a publish, and whenever, ``current`` leads to a whole data set afterwards: the one
before or the new one.
"""

from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from service.compiler import Source, build_dataset
from service.compiler.continuation import Succession, feed_of
from service.compiler.disk import flush, make_directory, make_readable
from service.compiler.parallel import Workers
from service.compiler.progress import Progress, untracked
from service.compiler.write import DRAFT, Prove
from service.store.dataset_format import CURRENT, PUBLISHED, VERSION, current, published
from service.store.files import locked, remove

MAX_PUBLISHED = 3
"""Published data sets that stay unless another number is set: enough to go back, and for servers
that have yet to move on."""
_MAX_LISTED = 3_000
"""Versions that the list of what was published names at most."""


def publish(  # noqa: PLR0913  # each has a default, and none belongs to another
    source: Source,
    out: Path,
    progress: Progress = untracked,
    *,
    epoch: int | None = None,
    prove: Prove | None = None,
    restart: str | None = None,
    verified: Mapping[str, Any] | None = None,
    keep: int = MAX_PUBLISHED,
    workers: Workers | None = None,
) -> Path:
    """Builds a data set in ``out`` and makes it the current one; gives its directory. ``keep`` is
    how many data sets stay, this one among them; the rest is as for ``build_dataset``.

    It must continue the history of the one that it replaces, else ``DataRefused``
    is raised, unless ``restart`` says why another history begins. Raises what
    ``build_dataset`` raises too; then, unless the disk failed at the very end,
    the current data set is the one before.
    """
    make_directory(out)
    with locked(out.resolve()):  # another publish would remove what is about to become current
        place = build_dataset(
            source,
            out,
            progress,
            epoch=epoch,
            prove=prove,
            succession=_succession(out, restart),
            verified=verified,
            workers=workers,
        )
        others = [name for name in _before(out) if name != place.name]
        listed, link = _draft(out, PUBLISHED), _draft(out, CURRENT)
        names = [name for name in (*published(out), *others) if name != place.name]
        names = [*dict.fromkeys(names), place.name][-_MAX_LISTED:]
        listed.write_text("".join(f"{name}\n" for name in names))
        make_readable(listed)
        flush(listed)
        _rename(listed, out / PUBLISHED)
        link.symlink_to(place.name)
        flush(out)  # since a link cannot be flushed by itself
        _rename(link, out / CURRENT)
        for name in others[: max(len(others) - keep + 1, 0)]:
            with suppress(OSError):  # left to the next publish: this one is done
                remove(out / name, DRAFT)  # a leftover at once, and never half a data set
    return place


def _succession(out: Path, restart: str | None) -> Succession:
    """What the next data set takes the place of: what is current, else what was published last."""
    before = [out / name for name in reversed(_before(out))]
    last = current(out)
    if last is not None and last in before:
        before.remove(last)
        before.insert(0, last)
    feeds = filter(None, map(feed_of, before))  # of the first whose manifest can be read
    return Succession(before[0] if before else None, next(feeds, None), restart)


def _before(out: Path) -> list[str]:
    """What was published and is there, the last one at the end; at least what is current."""
    names, last = published(out), current(out)
    if last is not None and VERSION.fullmatch(last.name) and last.name not in names:
        names.append(last.name)
    return [name for name in names if (out / name).is_dir()]


def _draft(out: Path, name: str) -> Path:
    """Where a small file or a link is made: whoever reads it finds the one before or this one."""
    draft = out / f".{name.removeprefix('.')}-draft"
    draft.unlink(missing_ok=True)  # of a publish that was killed
    return draft


def _rename(draft: Path, place: Path) -> None:
    draft.rename(place)
    flush(place.parent)
