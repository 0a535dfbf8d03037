"""How well casualty claims are read: numbers, status, victim class and links against the gold.

A predicted link is right where its target overlaps the gold's target, or has the same folded text and
label. The F1 of a link is over those that are not null: one predicted where the gold has none costs
precision, one missed recall. On predicted spans a gold casualty without a predicted one of its borders and
label is missed in every field, and a predicted one without a gold one costs precision. A link that nobody
has annotated counts nowhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hasila.arabic import fold_text
from hasila.document import Casualty, Span
from hasila.labels import LINKS
from training.corpora import TrainingDocument
from training.gold import Claim, GoldDocument
from training.measures import Tally

ATTRIBUTES = ("numbers", "kind", "status", "victim")
TALLIES = ("not asserted", *LINKS)


@dataclass(frozen=True, slots=True)
class Score:
    """Gold casualties, those found, those with each of `ATTRIBUTES` right, a tally of each of `TALLIES`."""

    casualties: int = 0
    found: int = 0
    right: tuple[int, ...] = (0,) * len(ATTRIBUTES)
    tallies: tuple[Tally, ...] = (Tally(),) * len(TALLIES)

    def __add__(self, other: Score) -> Score:
        return Score(
            self.casualties + other.casualties,
            self.found + other.found,
            tuple(a + b for a, b in zip(self.right, other.right, strict=True)),
            tuple(a + b for a, b in zip(self.tallies, other.tallies, strict=True)),
        )

    def share(self, attribute: str) -> float:
        """Percent of the gold casualties that have the attribute right."""
        return 100 * self.right[ATTRIBUTES.index(attribute)] / self.casualties if self.casualties else 0.0

    def tally(self, name: str) -> Tally:
        """The tally of a link, or of what is not asserted."""
        return self.tallies[TALLIES.index(name)]


def score(
    truth: GoldDocument, article: TrainingDocument, spans: Sequence[Span], records: Sequence[Casualty]
) -> Score:
    """One article's score: `records` point into `spans`, which count from the beginning of `article.text`."""
    told = {(record.start, record.end, record.label): record for record in records}
    total = Score()
    for own, annotated in zip(article.spans, truth.spans, strict=True):
        if annotated.claim is not None:
            record = told.pop((own.start, own.end, own.label), None)
            total += _compared(annotated.claim, article.spans, record, spans)
    return sum((_compared(None, (), record, spans) for record in told.values()), total)


def _compared(
    claim: Claim | None, truth: Sequence[Span], record: Casualty | None, spans: Sequence[Span]
) -> Score:
    """A gold casualty beside what was read of it; `claim` None: read where the gold has none."""
    return Score(
        int(claim is not None),
        int(claim is not None and record is not None),
        (0,) * len(ATTRIBUTES) if claim is None or record is None else _attributes(claim, record),
        (_not_asserted(claim, record), *(_link(link, claim, truth, record, spans) for link in LINKS)),
    )


def _attributes(claim: Claim, record: Casualty) -> tuple[int, ...]:
    return (
        int((claim.min, claim.max) == (record.min, record.max)),
        int(claim.kind == record.kind),
        int(claim.status == record.status),
        int(claim.victim == record.victim),
    )


def _not_asserted(claim: Claim | None, record: Casualty | None) -> Tally:
    gold = None if claim is None or claim.status == "asserted" else claim.status
    told = None if record is None or record.status == "asserted" else record.status
    return Tally(int(gold is not None and gold == told), int(told is not None), int(gold is not None))


def _link(
    link: str, claim: Claim | None, truth: Sequence[Span], record: Casualty | None, spans: Sequence[Span]
) -> Tally:
    if claim is not None and link in claim.unread:
        return Tally()
    target: int | None = getattr(claim, link) if claim is not None else None
    told: int | None = getattr(record, link) if record is not None else None
    is_right = target is not None and told is not None and _is_same(truth[target], spans[told])
    return Tally(int(is_right), int(told is not None), int(target is not None))


def _is_same(gold: Span, told: Span) -> bool:
    """Whether both share a character, or are alike in folded text and label."""
    if gold.start < told.end and told.start < gold.end:
        return True
    return gold.label == told.label and fold_text(gold.text) == fold_text(told.text)


def table(total: Score) -> str:
    """All figures, one a row, in percent."""
    rows = [f"{total.casualties} casualty spans, {total.found} of them found"]
    rows += [f"{name:12} {total.share(name):6.1f}" for name in ATTRIBUTES]
    rows.append(f"{'':12} {'P':>6} {'R':>6} {'F1':>6} {'gold':>6}")
    for name, tally in zip(TALLIES, total.tallies, strict=True):
        figures = f"{tally.precision:6.1f} {tally.recall:6.1f} {tally.f1:6.1f}"
        rows.append(f"{name:12} {figures} {tally.gold:6}")
    return "\n".join(rows)
