"""Measures: tallies made by hand, and seqeval's opinion."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hasila.document import Span
from hasila.labels import CASUALTIES, ENTITIES, LABELS
from training.measures import Tally, add, exact, micro, overlapping, seqeval_f1, summary


def spans(*rows: tuple[int, int, str]) -> list[Span]:
    return [Span(start, end, label, "") for start, end, label in rows]


GOLD = spans((0, 3, "KILLED"), (4, 9, "KILLED"), (10, 12, "LOCATION"), (20, 30, "DATE"))
FOUND = spans((0, 3, "KILLED"), (4, 8, "KILLED"), (10, 12, "ACTOR"), (29, 35, "DATE"), (40, 41, "KILLED"))


def test_exact_by_hand() -> None:
    tally = exact(GOLD, FOUND)
    assert tally["KILLED"] == Tally(right=1, predicted=3, gold=2)
    assert tally["LOCATION"] == Tally(0, 0, 1)
    assert tally["ACTOR"] == Tally(0, 1, 0)
    assert tally["DATE"] == Tally(0, 1, 1)
    assert micro(tally) == Tally(1, 5, 4)
    assert micro(tally, CASUALTIES) == Tally(1, 3, 2)
    assert micro(tally, ENTITIES) == Tally(0, 2, 2)


def test_overlapping_by_hand() -> None:
    tally = overlapping(GOLD, FOUND)
    assert tally["KILLED"] == Tally(2, 3, 2)
    assert tally["LOCATION"] == Tally(0, 0, 1)
    assert tally["DATE"] == Tally(1, 1, 1)


def test_each_gold_span_is_hit_once() -> None:
    gold, found = spans((0, 10, "DATE")), spans((0, 3, "DATE"), (4, 8, "DATE"))
    assert overlapping(gold, found)["DATE"] == Tally(1, 2, 1)
    assert overlapping(found, gold)["DATE"] == Tally(1, 1, 2)


def test_spans_that_only_touch_do_not_overlap() -> None:
    assert overlapping(spans((0, 3, "DATE")), spans((3, 5, "DATE")))["DATE"].right == 0


def test_percentages() -> None:
    tally = Tally(right=3, predicted=4, gold=6)
    assert (tally.precision, tally.recall, tally.f1) == (75, 50, 60)
    assert (Tally().precision, Tally().recall, Tally().f1) == (0, 0, 0)
    assert Tally(1, 2, 3) + Tally(1, 1, 1) == Tally(2, 3, 4)


def test_micro_counts_spans_and_not_documents() -> None:
    total = add([exact(GOLD, FOUND), exact(GOLD, GOLD)])
    assert micro(total) == Tally(5, 9, 8)
    figures = summary([GOLD, GOLD], [FOUND, GOLD])
    assert figures["exact_f1"] == pytest.approx(200 * 5 / 17)
    assert figures["casualties_f1"] == pytest.approx(200 * 3 / 9)
    assert figures["entities_f1"] == pytest.approx(200 * 2 / 8)
    assert figures["overlap_f1"] == pytest.approx(200 * 7 / 17)


def test_documents_must_match() -> None:
    with pytest.raises(ValueError, match="shorter"):
        summary([GOLD, GOLD], [FOUND])


WORDS = [(2 * index, 2 * index + 1) for index in range(12)]


@st.composite
def readings(draw: st.DrawFn) -> list[Span]:
    """Spans over twelve words, in order, never overlapping."""
    cuts = sorted(draw(st.sets(st.integers(0, 12), max_size=8)))
    ranges = [pair for pair in itertools.pairwise(cuts) if draw(st.booleans())]
    labels = draw(st.lists(st.sampled_from(LABELS[6:9]), min_size=len(ranges), max_size=len(ranges)))
    return spans(*((2 * a, 2 * b - 1, label) for (a, b), label in zip(ranges, labels, strict=True)))


@given(st.lists(st.tuples(readings(), readings()), min_size=1, max_size=4))
@settings(max_examples=60)
def test_seqeval_agrees(pairs: list[tuple[list[Span], list[Span]]]) -> None:
    gold, found = [g for g, _ in pairs], [f for _, f in pairs]
    ours = summary(gold, found)["exact_f1"]
    assert seqeval_f1([WORDS] * len(pairs), gold, found) == pytest.approx(ours)


@given(readings(), readings())
@settings(max_examples=60)
def test_overlap_is_never_below_exact(gold: list[Span], found: list[Span]) -> None:
    assert micro(overlapping(gold, found)).right >= micro(exact(gold, found)).right
    assert micro(overlapping(gold, found)).right <= min(len(gold), len(found))
    assert micro(exact(gold, gold)) == Tally(len(gold), len(gold), len(gold))
