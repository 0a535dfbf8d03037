"""How many died by a toll: the numbers that its claims give, under the rules of two codebooks.

`figures` reads all claims that tell one toll. A toll that one source tells again counts once, at its highest
figure, since tolls are raised as the dead are found; where named sources differ, all their figures bound it.
It decides no status and adds nothing up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hasila.arabic import fold_text
from hasila.document import Casualty, Document
from hasila.numerals import parse

# ACLED records 3 or 10 for a number that reports leave open, as scale and context suggest. The lower one:
# an article shows neither.
OPEN_NUMBER = 3


@dataclass(frozen=True, slots=True)
class Figures:
    """One toll in numbers of people: `acled` by ACLED's rule; `low`, `best` and `high` as in UCDP GED.

    `best` and `high` are None where no claim gives such a number.
    """

    acled: int
    low: int
    best: int | None
    high: int | None

    @property
    def is_exact(self) -> bool:
        """Whether it is one number, told without a hedge."""
        return self.low == self.best == self.high


def figures(document: Document, claims: Sequence[Casualty]) -> Figures:
    """The numbers of a toll that all of `claims` tell.

    `best` is the figure of the source named first. Claims that name no source are left out where two or
    more sources are named.
    """
    by_source: dict[str, list[Casualty]] = {}
    for claim in claims:
        if claim.source is not None:
            by_source.setdefault(fold_text(document.spans[claim.source].text), []).append(claim)
    groups = list(by_source.values()) if len(by_source) > 1 else [list(claims)]
    read = [_latest([_figures(claim) for claim in group]) for group in groups]
    highs = [one.high for one in read if one.high is not None]
    # A figure left open may lie above all that are bounded; `at least 17` does not lie above 23.
    open_ones = [
        one for one in read if one.high is None and (one.best is None or one.best > max(highs, default=0))
    ]
    return Figures(
        min(one.acled for one in read),
        min(one.low for one in read),
        read[0].best,
        max(highs) if highs and not open_ones else None,
    )


def _latest(told: list[Figures]) -> Figures:
    """The highest of the figures, those that are numbers first."""
    return max(told, key=lambda one: (one.best is not None, one.acled))


def _figures(claim: Casualty) -> Figures:
    if claim.kind in ("vague", "plural") or claim.min is None:
        # Whoever is said to be killed is at least one; how many at most is told by `at_most` only.
        return Figures(_open(claim), claim.min or 1, None, claim.max)
    return Figures(claim.min, claim.min, claim.min, claim.max)


def _open(claim: Casualty) -> int:
    """ACLED's figure for a number left open: 10 for tens, 12 for dozens, 100 for hundreds; else 3."""
    count = parse(claim.text, policy="acled") if claim.min is None else None
    least = (claim.min if count is None else count.min) or OPEN_NUMBER
    return least if claim.max is None else min(least, claim.max)
