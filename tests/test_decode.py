"""Decoding: Viterbi against every tag sequence there is, word edges, confidence."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from hasila.arabic import words
from hasila.decode import groups, log_softmax, spans, viterbi
from hasila.labels import LABELS, TAG_IDS, TAGS

SEEDS = st.integers(0, 10**6)


def logits(seed: int, rows: int, tags: int = 29) -> NDArray[np.float32]:
    return (3 * np.random.default_rng(seed).normal(size=(rows, tags))).astype(np.float32)


def is_legal(tags: list[int]) -> bool:
    """I of a label comes only after its B or I; even numbers from 2 on are I."""
    before = 0
    for tag in tags:
        if tag and tag % 2 == 0 and before not in (tag, tag - 1):
            return False
        before = tag
    return True


def best_by_trying_all(scores: NDArray[np.float32]) -> list[int]:
    rows, tags = scores.shape
    legal = (path for path in itertools.product(range(tags), repeat=rows) if is_legal(list(path)))
    return list(max(legal, key=lambda path: sum(float(scores[i, t]) for i, t in enumerate(path))))


@given(SEEDS, st.integers(1, 4))
@settings(max_examples=40)
def test_viterbi_finds_the_best_of_all_sequences(seed: int, rows: int) -> None:
    scores = log_softmax(logits(seed, rows, tags=7))  # O and three labels: 7 ** 4 sequences at most
    assert viterbi(scores) == best_by_trying_all(scores)


@given(SEEDS)
@settings(max_examples=10)
def test_viterbi_finds_the_best_over_the_real_tags(seed: int) -> None:
    scores = log_softmax(logits(seed, 2))
    assert viterbi(scores) == best_by_trying_all(scores)


@given(SEEDS, st.integers(0, 60), st.floats(0.1, 30))
@settings(max_examples=60)
def test_every_path_is_legal(seed: int, rows: int, scale: float) -> None:
    path = viterbi(log_softmax(logits(seed, rows) * np.float32(scale)))
    assert len(path) == rows
    assert is_legal(path)


def test_a_lonely_inside_tag_is_not_a_span() -> None:
    scores = np.full((2, 29), -9.0, dtype=np.float32)
    scores[0, 0] = scores[1, TAG_IDS["I-KILLED"]] = 0.0
    assert viterbi(scores) in ([0, 0], [TAG_IDS["B-KILLED"], TAG_IDS["I-KILLED"]])


def test_neighbouring_spans_of_one_label_stay_two() -> None:
    tags = [TAG_IDS[tag] for tag in ("B-KILLED", "I-KILLED", "B-KILLED", "O", "B-DATE", "B-EVENT", "I-EVENT")]
    assert [(a, b, LABELS[k]) for a, b, k in groups(tags)] == [
        (0, 2, "KILLED"),
        (2, 3, "KILLED"),
        (4, 5, "DATE"),
        (5, 7, "EVENT"),
    ]


def test_probabilities_sum_to_one_and_temperature_flattens_them() -> None:
    one, two = (log_softmax(logits(1, 5), temperature) for temperature in (1.0, 2.0))
    np.testing.assert_allclose(np.exp(one).sum(axis=1), 1, rtol=1e-5)
    assert (np.exp(two).max(axis=1) < np.exp(one).max(axis=1)).all()
    assert np.isfinite(log_softmax(np.array([[1e30, -1e30, 0]], dtype=np.float32))).all()


@given(SEEDS, st.lists(st.sampled_from(["قتل", "3", "،", "\u200fحلب", "خانه\u200cها", "."]), max_size=20))
@settings(max_examples=60)
def test_spans_lie_at_word_edges_in_order_with_a_score(seed: int, parts: list[str]) -> None:
    text = " ".join(parts)
    edges = words(text)
    found = spans(text, edges, logits(seed, len(edges)))
    before = 0
    for span in found:
        assert before <= span.start < span.end
        assert span.start in {start for start, _ in edges}
        assert span.end in {end for _, end in edges}
        assert text[span.start : span.end] == span.text
        assert span.score is not None
        assert 0 <= span.score <= 1
        before = span.end


def _sure(*tags: str, by: float = 4.0) -> NDArray[np.float32]:
    rows = np.zeros((len(tags), 29), dtype=np.float32)
    for row, tag in zip(rows, tags, strict=True):
        row[TAG_IDS[tag]] = by
    return rows


def test_the_score_is_that_of_the_weakest_part() -> None:
    text = "قتل ثلاثة مدنيين أمس"
    edges = words(text)
    rows = _sure("O", "B-KILLED", "I-KILLED", "O")
    probability = float(np.exp(4) / (np.exp(4) + 28))
    (span,) = spans(text, edges, rows)
    assert (span.text, span.label) == ("ثلاثة مدنيين", "KILLED")
    assert span.score == pytest.approx(probability, abs=1e-4)
    rows[2, TAG_IDS["I-KILLED"]] = 2.0  # a doubtful second word
    assert spans(text, edges, rows)[0].score == pytest.approx(float(np.exp(2) / (np.exp(2) + 28)), abs=1e-4)
    rows = _sure("O", "B-KILLED", "I-KILLED", "O")
    rows[3, TAG_IDS["I-KILLED"]] = 3.9  # nearly a third word: the end is doubtful
    assert spans(text, edges, rows)[0].score == pytest.approx(
        1 - float(np.exp(3.9) / (np.exp(4) + np.exp(3.9) + 27)), abs=1e-4
    )


def test_one_doubtful_word_inside_makes_the_span_doubtful() -> None:
    text = "ثلاثة من المدنيين"
    rows = _sure("B-KILLED", "I-KILLED", "I-KILLED")
    rows[1, TAG_IDS["I-KILLED"]] = 2.0
    (span,) = spans(text, words(text), rows)
    assert span.score == pytest.approx(float(np.exp(2) / (np.exp(2) + 28)), abs=1e-4)


def test_the_last_word_of_a_text_needs_no_end() -> None:
    (span,) = spans("مدنيين", [(0, 6)], _sure("B-KILLED", by=9.0))
    assert span.score == pytest.approx(1, abs=0.01)


def test_a_word_nothing_is_known_of_continues_its_neighbours() -> None:
    rows = _sure("B-KILLED", "O", "I-KILLED")
    rows[1] = 0.0  # no piece, no opinion
    (span,) = spans("3 \x00 قتلى", words("3 \x00 قتلى"), rows)
    assert span.text == "3 \x00 قتلى"


def test_tags_stand_in_the_order_that_decoding_counts_on() -> None:
    assert TAGS[0] == "O"
    assert all((TAGS[1 + 2 * k], TAGS[2 + 2 * k]) == (f"B-{x}", f"I-{x}") for k, x in enumerate(LABELS))
    assert len(TAGS) == 29
