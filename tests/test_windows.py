"""Text into windows and back: every word read once, whatever the tokenizer and the sizes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from hasila import windows
from hasila.arabic import words
from hasila.windows import MAX_WORD_PIECES, Pieces, Window, cut, encode, frame, is_clean, merge

TEXTS = st.text(
    st.one_of(
        st.sampled_from('قتل جرحى ثلاثة،.-"3٢ـَ\n\u200f\u200c\ufeff\u00a0ﻻ_\0\ud800😀A'), st.characters()
    ),
    max_size=50,
)
SIZES = st.integers(2, 40).flatmap(lambda size: st.tuples(st.just(size), st.integers(0, size // 2)))


def test_the_frame_is_the_tokenizers_own(unigram: Tokenizer, wordpiece: Tokenizer) -> None:
    assert frame(unigram) == ((0,), (2,))
    assert frame(wordpiece) == ((2,), (3,))


@given(text=TEXTS)
@settings(max_examples=50)
def test_each_word_is_read_at_a_piece_that_touches_it(either_tokenizer: Tokenizer, text: str) -> None:
    pieces = encode(either_tokenizer, text)
    assert list(pieces.words) == words(text)
    assert len(pieces.first) == len(pieces.words)
    known = [first for first in pieces.first if first >= 0]
    assert known == sorted(known)
    assert all(first < len(pieces.ids) for first in known)
    spoken = "".join("\ufffd" if "\ud800" <= c <= "\udfff" else c for c in text)
    whole = either_tokenizer.encode(spoken, add_special_tokens=False)
    assert len(pieces.ids) + pieces.dropped == len(whole.ids)
    if not pieces.dropped:
        assert list(pieces.ids) == whole.ids
        for (start, end), first in zip(pieces.words, pieces.first, strict=True):
            if first >= 0:
                begin, stop = whole.offsets[first]
                assert begin < end
                assert start < stop


def test_plain_words_all_have_a_piece(either_tokenizer: Tokenizer, composed: list[dict[str, str]]) -> None:
    for document in composed[:10]:
        pieces = encode(either_tokenizer, document["text"])
        assert -1 not in pieces.first
        assert len(set(pieces.first)) == len(pieces.first), "two words share a piece"


def test_stretches_do_not_show(either_tokenizer: Tokenizer, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "قتل ثلاثة مدنيين، وأصيب 20 آخرون في قصف.\n" * 30
    whole = encode(either_tokenizer, text)
    monkeypatch.setattr(windows, "_STRETCH", 50)
    assert encode(either_tokenizer, text) == whole


def test_an_endless_word_is_read_at_its_beginning_and_the_rest_counted(either_tokenizer: Tokenizer) -> None:
    text = "قتل " + "ا" * 100_000 + " مدنيين"
    pieces = encode(either_tokenizer, text)
    assert [pieces.words[0], pieces.words[-1]] == [(0, 3), (len(text) - 6, len(text))]
    assert -1 not in pieces.first
    assert len(pieces.ids) <= MAX_WORD_PIECES + 20


def test_lone_surrogates_keep_their_place(either_tokenizer: Tokenizer) -> None:
    pieces = encode(either_tokenizer, "قتل \ud800 ثلاثة")
    assert pieces.words == ((0, 3), (4, 5), (6, 11))
    replaced = encode(either_tokenizer, "قتل \ufffd ثلاثة")
    assert (pieces.ids, pieces.first) == (replaced.ids, replaced.first)
    assert not is_clean("\ud800")
    assert is_clean("😀")


@pytest.mark.parametrize("text", ["", " ", "\n\t\u00a0", "\u200f\ufeff"])
def test_no_words_no_answer(either_tokenizer: Tokenizer, text: str) -> None:
    pieces = encode(either_tokenizer, text)
    assert pieces.words == ()
    cuts = cut(pieces, 10, 2)
    answers = [np.ones((window.end - window.start, 29), dtype=np.float32) for window in cuts]
    assert merge(pieces, cuts, answers, 29).shape == (0, 29)


def _pieces(sizes: list[int]) -> Pieces:
    """Words of these many pieces; 0 is a word without one."""
    first, count = [], 0
    for size in sizes:
        first.append(count if size else -1)
        count += size
    return Pieces(tuple(range(count)), tuple((i, i + 1) for i in range(len(sizes))), tuple(first), 0)


@given(st.lists(st.integers(0, 6), max_size=80), SIZES)
@settings(max_examples=150)
def test_windows_cover_all_and_own_each_piece_once(sizes: list[int], limits: tuple[int, int]) -> None:
    size, overlap = limits
    pieces = _pieces(sizes)
    cuts = cut(pieces, size, overlap)
    owned = [piece for window in cuts for piece in range(window.own_start, window.own_end)]
    assert owned == list(pieces.ids)
    for window in cuts:
        assert 0 < window.end - window.start <= size
        assert window.start <= window.own_start <= window.own_end <= window.end


@given(st.lists(st.integers(1, 4), min_size=1, max_size=80), st.integers(16, 40))
@settings(max_examples=60)
def test_borders_stand_at_word_starts_where_words_fit(sizes: list[int], size: int) -> None:
    pieces = _pieces(sizes)
    edges = {*pieces.first, len(pieces.ids)}
    assert all({window.start, window.end} <= edges for window in cut(pieces, size, 4))


def test_a_piece_belongs_to_the_window_where_it_stands_farther_from_the_edge() -> None:
    first, second, *_ = cut(_pieces([1] * 30), 20, 10)
    assert first == Window(0, 20, 0, 15)
    assert second.start == 10
    assert second.own_start == 15


@pytest.mark.parametrize(("size", "overlap"), [(10, 6), (10, -1), (0, 1)])
def test_impossible_overlaps_are_refused(size: int, overlap: int) -> None:
    with pytest.raises(ValueError, match="overlap"):
        cut(_pieces([1, 1]), size, overlap)


@given(st.lists(st.integers(0, 6), max_size=80), SIZES)
@settings(max_examples=80)
def test_each_word_gets_the_answer_of_its_first_piece(sizes: list[int], limits: tuple[int, int]) -> None:
    pieces = _pieces(sizes)
    cuts = cut(pieces, *limits)
    # An engine that answers with the number of the piece (from 1 on), wherever the window begins.
    answers = [np.arange(w.start + 1, w.end + 1, dtype=np.float32)[:, None].repeat(3, axis=1) for w in cuts]
    rows = merge(pieces, cuts, answers, 3)
    assert rows.shape == (len(sizes), 3)
    assert rows[:, 1].tolist() == [first + 1 for first in pieces.first]
