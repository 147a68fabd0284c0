"""The data sets that are kept: a list of them, and what each offers."""

from collections.abc import Iterable
from typing import Any

from service.formats.envelopes import Body, Link, ParsedQuery, file_type, page_of, single
from service.store.dataset_format import canonical
from service.store.kept import KeptDataset
from service.store.protocol import Store

PATH = "/v1/datasets"


def datasets_page(query: ParsedQuery, store: Store, kept: Iterable[KeptDataset]) -> Body:
    """Every data set that is kept, the one that answers first."""
    records = [canonical(dataset_version(each, store, query.link)) for each in kept]
    return page_of(records, {"total": len(records)}, query, store)


def version_record(query: ParsedQuery, store: Store, kept: KeptDataset) -> Body:
    """One of them."""
    return single(canonical(dataset_version(kept, store, query.link)), store)


def dataset_version(kept: KeptDataset, store: Store, link: Link) -> dict[str, Any]:
    """A data set as a resource: which one, and its files."""
    info = kept.info
    path = f"{PATH}/{info.version}"
    return {
        "version": info.version,
        "digest": info.digest,
        "built_at": info.built_at,
        "current": info.version == store.dataset.version,
        "claims": info.counts["claims"],
        "link": link(path, ""),
        "files": [
            {
                "name": name,
                "media_type": file_type(name).partition(";")[0],
                "bytes": file.bytes,
                "sha256": file.sha256,
                "link": link(f"{path}/{name}", ""),
            }
            for name, file in sorted(kept.files.items())
        ],
    }
