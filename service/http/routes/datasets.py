"""The data sets that are kept, and their files, so that a version that was cited can be had."""

from __future__ import annotations

import functools

from flask import Response, abort, current_app

from schemas.query import NoParameters
from service.formats.discovery.datapackage import DATAPACKAGE
from service.formats.discovery.datasets import PATH, datasets_page, version_record
from service.formats.envelopes import JSON, MEDIA_TYPES, Body, ParsedQuery, file_type
from service.http.replies import reply
from service.http.routes.blueprint import PARAMETERS, api, export_file, parse_query, provider
from service.store.kept import KeptDataset, KeptDatasets, kept_dataset, served_dataset
from service.store.protocol import DatasetUnavailable, Store, VersionGone

_PARAMETERS = NoParameters()
_CURRENT = "current"
"""In the place of a version: the one that answers."""


@api.get(PATH)
def datasets() -> Response:
    """Every data set that is kept; one that cannot be read is not."""
    query, store = parse_query(_PARAMETERS), provider().current()
    kept = [served_dataset(store)]
    for place in _kept_datasets().places():
        if place.name != store.dataset.version:
            try:
                kept.append(kept_dataset(place))
            except DatasetUnavailable:
                continue
    source = " ".join(each.info.version for each in kept)
    make = functools.partial(datasets_page, query, store, kept)
    return reply(make, store.dataset, JSON, query.text, source=source)


@api.get(f"{PATH}/<version>")
def dataset_version(version: str) -> Response:
    """One data set that is kept."""
    query, store = parse_query(_PARAMETERS), provider().current()
    kept = _kept(version, store)
    make = functools.partial(version_record, query, store, kept)
    return reply(make, store.dataset, JSON, query.text)


@api.get(f"{PATH}/<version>/<file>")
def dataset_file(version: str, file: str) -> Response:
    """A file of a data set that is kept."""
    query, store = parse_query(_PARAMETERS), provider().current()
    kept, media_type = _kept(version, store), file_type(file)
    if file not in kept.files:
        abort(404, "This data set has no file of this name.")
    description = f"{PATH}/{version}/{DATAPACKAGE}" if DATAPACKAGE in kept.files else ""
    is_export = media_type in MEDIA_TYPES.values()
    export = export_file(file, kept.info.version, description) if is_export else None
    make = functools.partial(_file, query, kept, file)
    source = kept.files[file].sha256
    return reply(make, kept.info, media_type, query.text, export=export, source=source)


def _file(_: ParsedQuery, kept: KeptDataset, name: str) -> Body:
    content = kept.open(name).content
    return Body(content, size=len(content))


def _kept_datasets() -> KeptDatasets:
    here: KeptDatasets = current_app.extensions["claims.kept"]
    return here


def _kept(version: str, store: Store) -> KeptDataset:
    """A data set by its version. Raises ``VersionGone``."""
    if version in (_CURRENT, store.dataset.version):
        return served_dataset(store)
    for place in _kept_datasets().places():
        if place.name == version:
            return kept_dataset(place)
    if not _kept_datasets().was_published(version):
        abort(404, "There is no data set of this version.")
    raise VersionGone(version, store.dataset.version)


PARAMETERS |= dict.fromkeys((PATH, f"{PATH}/<version>", f"{PATH}/<version>/<file>"), _PARAMETERS)
