"""How a data set describes itself: ``dataset.json`` of the fixtures, and what is served of it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError

from schemas.fields import Choice, Number, Pattern, Scalar, Text, Whole, slug
from schemas.names import LanguageTag, Url
from schemas.patterns import FILE_NAME, SLUG
from schemas.records.record import ListOf, ObjectOf, Record, rule

FORMAT = 1
"""The version of the fixture format, which fixtures have that name none."""
_DATASET_ID = re.compile(rf"(?!terms\Z){SLUG.pattern}")
"""Our own terms of linked data have ``terms`` in the place of the id of a data set."""
_LICENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9.+-]{0,99}")
_E_MAIL = re.compile("[!-?A-~]{1,200}@[A-Za-z0-9.-]{1,200}")


class _Contact(Scalar):
    """An address of e-mail or of the web."""

    _page = Url()

    def __init__(self) -> None:
        super().__init__("an e-mail address or an http or https address", allow_none=True)

    def takes(self, value: Any) -> bool:
        is_e_mail = isinstance(value, str) and _E_MAIL.fullmatch(value) is not None
        return is_e_mail or self._page.takes(value)


class _FieldAgreementSchema(Record):
    """How far readings agreed on a field: per cent, Krippendorff's alpha, units compared."""

    field = Text(200)
    percent = Number(0, 100, allow_none=True)
    alpha = Number(-1, 1, allow_none=True)
    n = Whole(0, allow_none=True)


_AgreementSchema = Record.from_dict(
    {
        "readings": Whole(2),
        "units": Whole(0),
        "dice": Number(0, 1, allow_none=True),
        "fields": ListOf(ObjectOf(_FieldAgreementSchema), maximum=100),
    },
    name="_AgreementSchema",
)
"""How far independent readings agreed: the Dice coefficient of what they found, and each field."""


class _OriginGroupSchema(Record):
    """An origin that the information of several agents shares."""

    id = slug()
    label = Text(200)


class DescriptionSchema(Record):
    """``dataset.json``. Every key may be left out, and nothing is claimed that is not written.

    ``codebook`` is the name of a Markdown file beside it; ``null`` is the codebook of the service.
    """

    fills_in = True

    format = Choice(FORMAT)
    id = Pattern(_DATASET_ID, "an id: words of a-z and 0-9 joined by hyphens, not “terms”")
    title = Text(200)
    description = Text(2000, allow_none=True)
    publisher = Text(500, allow_none=True)
    contact = _Contact()
    licence = Pattern(_LICENCE, "the SPDX id of a licence, such as CC0-1.0", allow_none=True)
    attribution = Text(1000, allow_none=True)
    homepage = Url(allow_none=True)
    languages = ListOf(LanguageTag(), unique=True)
    codebook = Pattern(FILE_NAME, "the name of a Markdown file", allow_none=True)
    codebook_version = Text(50, allow_none=True)
    agreement = ObjectOf(_AgreementSchema, allow_none=True)
    origin_groups = ListOf(ObjectOf(_OriginGroupSchema), allow_none=True)

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.absent |= {"format": FORMAT, "id": "policy-claims", "title": "Policy claims"}

    @rule
    def groups_declared_once(self, data: dict[str, Any], **kwargs: Any) -> None:
        ids = [group["id"] for group in data["origin_groups"] or ()]
        if len(set(ids)) < len(ids):
            raise ValidationError("a list in which no id is there twice", "origin_groups")


@dataclass(frozen=True, slots=True)
class Description:
    """How a data set describes itself, as it lies in a built one.

    ``codebook`` is the text of its own codebook, Markdown; ``coverage`` is computed.
    """

    id: str
    title: str
    description: str | None
    publisher: str | None
    contact: str | None
    licence: str | None
    attribution: str | None
    homepage: str | None
    languages: Sequence[str]
    codebook: str | None
    codebook_version: str | None
    agreement: Mapping[str, Any] | None
    origin_groups: Sequence[Mapping[str, str]] | None
    coverage: Mapping[str, Any]

    def __hash__(self) -> int:
        """So that what is made of it can be remembered."""
        return hash((self.id, self.title, self.codebook))


def described(about: Mapping[str, Any], coverage: Mapping[str, Any]) -> dict[str, Any]:
    """A description as it lies in a built data set, from the loaded ``dataset.json``."""
    return {key: value for key, value in about.items() if key != "format"} | {"coverage": coverage}


NO_COVERAGE: Mapping[str, Any] = {"first": None, "last": None, "places": [], "topics": []}
UNDESCRIBED: Mapping[str, Any] = DescriptionSchema().load({})
"""What ``dataset.json`` says where there is none."""
NEUTRAL = Description(**described(UNDESCRIBED, NO_COVERAGE))
"""The description of a data set that does not describe itself."""
