"""Receipts: what was asked of which data, and what came of it, to be compared with a later run.

The digest is the SHA-256 of the bytes of the whole answer, claims as NDJSON and counts as CSV. So
it can be had without this package: ``curl -s "$service$path" | sha256sum``.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
import io
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from policy_claims.client import Client
from policy_claims.exchanges import Lines
from policy_claims.query import resource, texts

FORM = "policy-claims-receipt-1"
Kind = Literal["claims", "counts"]
_FILES: dict[Kind, str] = {"claims": "claims.ndjson", "counts": "counts.csv"}


class ReceiptError(ValueError):
    """A file that is no receipt."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """``total`` is the number of claims, or of groups of a count. ``path`` is what was hashed, at
    the address ``service``. ``taken_at`` is an instant in UTC.
    """

    service: str
    query: Kind
    parameters: dict[str, str]
    path: str
    dataset_version: str
    service_version: str
    total: int
    sha256: str
    taken_at: str

    def write(self, file: str | os.PathLike[str]) -> None:
        """Writes it as JSON."""
        text = json.dumps({"form": FORM, **asdict(self)}, indent=2, ensure_ascii=False)
        Path(file).write_text(text + "\n", encoding="utf-8")


def read(file: str | os.PathLike[str]) -> Receipt:
    """A receipt from its file. Raises ``OSError`` and ``ReceiptError``."""
    try:
        members = json.loads(Path(file).read_text(encoding="utf-8"))
        if members.pop("form") != FORM or members["query"] not in _FILES:
            raise ReceiptError(f"{os.fspath(file)}: a receipt of another form than {FORM}")
        return Receipt(**members)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        if isinstance(error, ReceiptError):
            raise
        raise ReceiptError(f"{os.fspath(file)} is no receipt") from error


def take(client: Client, query: Kind, parameters: Mapping[str, Any]) -> Receipt:
    """A receipt of what the service answers now.

    >>> client = Client("http://127.0.0.1:8000")
    >>> receipt = take(client, "claims", {"kind": "directive"})
    >>> receipt.total == client.claims(kind="directive").total
    True
    >>> Comparison(receipt, take(client, "claims", {"kind": "directive"})).same
    True

    Raises ``ServiceError``.
    """
    sent, file = texts(parameters), _FILES[query]
    with client.download(file, **sent) as chunks:  # type: ignore[arg-type]
        version = chunks.dataset_version or ""
        digest, total = _digest_and_total(query, chunks)
    return Receipt(
        service=client.base_url,
        query=query,
        parameters=sent,
        path=resource(file, parameters=sent),
        dataset_version=version,
        service_version=client.dataset().data["service_version"],
        total=total,
        sha256=digest,
        taken_at=dt.datetime.now(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    )


def _digest_and_total(query: Kind, chunks: Iterable[bytes]) -> tuple[str, int]:
    """Claims are counted as they come; counts are few, and their lines may be in quotes."""
    digest, lines, total, table = hashlib.sha256(), Lines(), 0, []
    for chunk in chunks:
        digest.update(chunk)
        if query == "claims":
            total += len(lines.feed(chunk))
        else:
            table.append(chunk)
    if query == "claims":
        return digest.hexdigest(), total + len(lines.end())
    rows = csv.reader(io.StringIO(b"".join(table).decode(), newline=""))
    return digest.hexdigest(), sum(1 for _ in rows) - 1


@dataclass(frozen=True, slots=True)
class Comparison:
    """A receipt and what the same query gives later."""

    before: Receipt
    after: Receipt

    @property
    def same(self) -> bool:
        """Whether the answers are equal to the byte, from whichever data set."""
        return self.before.sha256 == self.after.sha256

    def __str__(self) -> str:
        before, after = self.before, self.after
        verdict = "The same answer" if self.same else "Another answer"
        total = f"{after.total} {'claims' if after.query == 'claims' else 'groups'}"
        if before.total != after.total:
            total = f"{total} in place of {before.total}"
        return f"{verdict} as on {before.taken_at}: {total}, {self._origin()}."

    def _origin(self) -> str:
        before, after = self.before, self.after
        if before.dataset_version != after.dataset_version:
            return f"from data set {after.dataset_version} in place of {before.dataset_version}"
        if self.same or before.service_version == after.service_version:
            return f"from data set {after.dataset_version}"
        versions = f"{after.service_version} in place of {before.service_version}"
        return f"from the same data set, written by version {versions} of the service"
