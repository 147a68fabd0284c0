"""Publishing of data sets that have nothing to do with each other, in tests of other matters."""

from pathlib import Path
from typing import Any

from service.compiler import Source
from service.compiler.continuation import HistoryRewritten
from service.compiler.publish import publish as publish_continuation
from service.store.protocol import DatasetUnavailable


def publish(source: Source, out: Path, **options: Any) -> Path:
    """Publishes whatever it is, as another history where it does not continue the one before."""
    try:
        return publish_continuation(source, out, **options)
    except (HistoryRewritten, DatasetUnavailable):
        return publish_continuation(source, out, restart="Another edition of a test.", **options)
