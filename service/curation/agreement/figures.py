"""The figures of an agreement: Dice of the units, per cent and alpha (Krippendorff) of fields."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from service.curation.agreement.fields import FIELDS, ComparedField, shown
from service.curation.agreement.matching import Matched, ReadUnit

LEAST_ALPHA = 0.67
"""Below it a rule needs mending (Krippendorff: not even tentative conclusions)."""
_NONE = frozenset({("",)})
"""Stands for the empty set, of which MASI knows no distance to another."""


class FieldFigure(NamedTuple):
    """How far readings agree on a field: per cent, alpha (``None`` for no unit), units compared."""

    field: str
    percent: int | None
    alpha: float | None
    n: int

    @property
    def is_low(self) -> bool:
        return self.alpha is not None and self.alpha < LEAST_ALPHA


class Difference(NamedTuple):
    """Where two readings differ: the document, the unit in each (empty where one has none), the
    field, and the value in each.
    """

    document: str
    unit_a: str
    unit_b: str
    field: str
    a: str
    b: str


class Agreement(NamedTuple):
    """Two readings compared, of one document or several."""

    units: int
    dice: float | None
    fields: Sequence[FieldFigure]
    differences: Sequence[Difference]

    def as_json(self) -> dict[str, Any]:
        """As ``dataset.json`` has it."""
        fields = [figure._asdict() for figure in self.fields]
        return {"readings": 2, "units": self.units, "dice": self.dice, "fields": fields}


def agreement_of(matched: Sequence[Matched]) -> Agreement:
    """The figures of the matched units of some documents together."""
    pairs = [pair for each in matched for pair in each.pairs]
    alone = sum(len(each.only_a) + len(each.only_b) for each in matched)
    both = 2 * len(pairs)
    return Agreement(
        len(pairs),
        round(both / (both + alone), 3) if both + alone else None,
        [_figure(field, pairs) for field in FIELDS],
        [difference for each in matched for difference in _differences(each)],
    )


def _figure(field: ComparedField, pairs: Sequence[tuple[ReadUnit, ReadUnit]]) -> FieldFigure:
    values = [(field.value(a.claim), field.value(b.claim)) for a, b in pairs]
    if not values:
        return FieldFigure(field.name, None, None, 0)
    equal = sum(a == b for a, b in values)
    alpha = round(_alpha(values, field.several), 2)
    return FieldFigure(field.name, round(100 * equal / len(values)), alpha, len(values))


def _alpha(values: Sequence[tuple[Any, Any]], several: bool) -> float:
    """Krippendorff's alpha; sets are as far apart as MASI says, other values wholly."""
    from nltk.metrics.agreement import AnnotationTask
    from nltk.metrics.distance import binary_distance, masi_distance

    labelled = [
        (coder, number, (value or _NONE) if several else (value,))
        for number, pair in enumerate(values)
        for coder, value in zip("ab", pair, strict=True)
    ]
    task = AnnotationTask(labelled, distance=masi_distance if several else binary_distance)
    return float(task.alpha()) if len(values) > 1 else float(values[0][0] == values[0][1])


def _differences(matched: Matched) -> Iterator[Difference]:
    for a, b in matched.pairs:
        for field in FIELDS:
            one, other = field.value(a.claim), field.value(b.claim)
            if one != other:
                values = shown(one), shown(other)
                yield Difference(a.document, a.name, b.name, field.name, *values)
    for unit in matched.only_a:
        statement = str(unit.claim.get("statement", ""))
        yield Difference(unit.document, unit.name, "", "unit", statement, "none")
    for unit in matched.only_b:
        statement = str(unit.claim.get("statement", ""))
        yield Difference(unit.document, "", unit.name, "unit", "none", statement)
