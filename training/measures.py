"""Span measures: exact and overlapping micro-F1 a label, seqeval strict as a second opinion.

A predicted span is *exact* where start, end and label are the gold's (Tjong Kim Sang & De Meulder
2003, "Introduction to the CoNLL-2003 Shared Task"); it *overlaps* where it shares a character with a
gold span of its label. No corrections: a wrong border costs a false positive and a false negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hasila.document import Span
from hasila.labels import CASUALTIES, ENTITIES, LABELS, TAGS
from training.align import word_tags


@dataclass(frozen=True, slots=True)
class Tally:
    """How many spans were found right, how many predicted, how many there are."""

    right: int = 0
    predicted: int = 0
    gold: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(self.right + other.right, self.predicted + other.predicted, self.gold + other.gold)

    @property
    def precision(self) -> float:
        """In percent; 0 where nothing was predicted."""
        return 100 * self.right / self.predicted if self.predicted else 0.0

    @property
    def recall(self) -> float:
        """In percent; 0 where there is nothing to find."""
        return 100 * self.right / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of both, in percent."""
        return 200 * self.right / (self.predicted + self.gold) if self.predicted + self.gold else 0.0


Tallies = dict[str, Tally]


def exact(gold: Iterable[Span], predicted: Iterable[Span]) -> Tallies:
    """Tally of each label for one document; start, end and label must agree."""
    gold, predicted = list(gold), list(predicted)
    truth = {(span.start, span.end, span.label) for span in gold}
    hits = [span for span in predicted if (span.start, span.end, span.label) in truth]
    return _tally(gold, predicted, hits)


def overlapping(gold: Iterable[Span], predicted: Iterable[Span]) -> Tallies:
    """Like `exact`, counting a predicted span right that touches a gold span of its label, each once."""
    gold, predicted = list(gold), list(predicted)
    free = list(gold)
    hits = []
    for span in predicted:
        match = next(
            (g for g in free if g.label == span.label and g.start < span.end and span.start < g.end), None
        )
        if match is not None:
            free.remove(match)
            hits.append(span)
    return _tally(gold, predicted, hits)


def _tally(gold: list[Span], predicted: list[Span], hits: list[Span]) -> Tallies:
    return {
        label: Tally(*(sum(span.label == label for span in spans) for spans in (hits, predicted, gold)))
        for label in LABELS
    }


def add(tallies: Iterable[Tallies]) -> Tallies:
    """The sum over documents."""
    total = {label: Tally() for label in LABELS}
    for tally in tallies:
        for label, part in tally.items():
            total[label] += part
    return total


def micro(tallies: Tallies, labels: Sequence[str] = LABELS) -> Tally:
    """One tally over several labels."""
    return sum((tallies[label] for label in labels), Tally())


def summary(gold: Sequence[Sequence[Span]], predicted: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Exact and overlapping F1 in percent: all labels, casualties apart, entities apart."""
    strict = add(exact(g, p) for g, p in zip(gold, predicted, strict=True))
    loose = add(overlapping(g, p) for g, p in zip(gold, predicted, strict=True))
    return {
        "exact_f1": micro(strict).f1,
        "casualties_f1": micro(strict, CASUALTIES).f1,
        "entities_f1": micro(strict, ENTITIES).f1,
        "overlap_f1": micro(loose).f1,
    }


def seqeval_f1(
    words: Sequence[Sequence[tuple[int, int]]],
    gold: Sequence[Sequence[Span]],
    predicted: Sequence[Sequence[Span]],
) -> float:
    """Strict IOB2 micro-F1 in percent by seqeval, over the word tags of each document."""
    from seqeval.metrics import f1_score
    from seqeval.scheme import IOB2

    def tags(spans: Sequence[Sequence[Span]]) -> list[list[str]]:
        return [[TAGS[t] for t in word_tags(w, s)[0]] for w, s in zip(words, spans, strict=True)]

    return 100 * float(f1_score(tags(gold), tags(predicted), mode="strict", scheme=IOB2))
