"""Long text into overlapping windows of pieces, and the windows' answers into one answer a word.

The tokenizer runs over the whole text, a stretch at a time, so nothing is cut off at the model's length.
A word is read at its first piece. What is left out (the tail of a word of more than `MAX_WORD_PIECES`
pieces) is counted. Tokens and windows never leave this floor.
"""

from __future__ import annotations

import itertools
import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from hasila.arabic import words

MAX_WORD_PIECES = 32
_STRETCH = 8_000  # characters given to the tokenizer at a time
_SURROGATES = re.compile("[\ud800-\udfff]")
_BLANK = re.compile(r"\s")

Logits = NDArray[np.float32]


class _Encoding(Protocol):
    ids: list[int]
    offsets: list[tuple[int, int]]


class PieceTokenizer(Protocol):
    """The part of `tokenizers.Tokenizer` that is used here."""

    def encode(self, sequence: str, *, add_special_tokens: bool) -> _Encoding: ...


@dataclass(frozen=True, slots=True)
class Pieces:
    """A tokenized text: `ids[p]` of each piece, `words[w]` offsets of each word, `first[w]` its first
    piece or -1 where the tokenizer made none of it, `dropped` pieces of overlong words left out."""

    ids: tuple[int, ...]
    words: tuple[tuple[int, int], ...]
    first: tuple[int, ...]
    dropped: int


@dataclass(frozen=True, slots=True)
class Window:
    """Pieces `[start, end)` go to the model; the answers of pieces `[own_start, own_end)` are kept."""

    start: int
    end: int
    own_start: int
    own_end: int


def frame(tokenizer: PieceTokenizer) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The special pieces that the tokenizer puts before and after a text."""
    bare = tokenizer.encode("1", add_special_tokens=False).ids
    framed = tokenizer.encode("1", add_special_tokens=True).ids
    for start in range(len(framed) - len(bare) + 1):
        if framed[start : start + len(bare)] == bare:
            return tuple(framed[:start]), tuple(framed[start + len(bare) :])
    raise ValueError("the tokenizer's special tokens do not stand around the text")


def encode(tokenizer: PieceTokenizer, text: str) -> Pieces:
    """Tokenize all of `text` and tie each word to its first piece.

    Lone surrogates, which the tokenizer refuses, are shown to it as U+FFFD: offsets stay true.
    """
    spoken = _SURROGATES.sub("\ufffd", text)
    ids: list[int] = []
    offsets: list[tuple[int, int]] = []
    for start, end in _stretches(spoken):
        encoding = tokenizer.encode(spoken[start:end], add_special_tokens=False)
        ids.extend(encoding.ids)
        offsets.extend((start + a, start + b) for a, b in encoding.offsets)
    return _tie(words(text), ids, offsets)


def _stretches(text: str) -> Iterator[tuple[int, int]]:
    """Consecutive ranges of about `_STRETCH` characters that end at white space where there is some."""
    start = 0
    while start < len(text):
        end = min(start + _STRETCH, len(text))
        if end < len(text):
            blank = _BLANK.search(text, end, end + _STRETCH)
            end = blank.start() if blank else end
        yield start, end
        start = end


def _tie(word_offsets: list[tuple[int, int]], ids: list[int], offsets: list[tuple[int, int]]) -> Pieces:
    kept: list[int] = []
    first: list[int] = []
    piece = dropped = 0
    for start, end in word_offsets:
        while piece < len(ids) and offsets[piece][1] <= start:
            kept.append(ids[piece])  # of an invisible character or another non-word
            piece += 1
        begin = piece
        while piece < len(ids) and offsets[piece][0] < end:
            if piece - begin < MAX_WORD_PIECES:
                kept.append(ids[piece])
            else:
                dropped += 1
            piece += 1
        first.append(
            len(kept) - min(piece - begin, MAX_WORD_PIECES)
            if piece > begin
            else _shared(offsets, piece, start, len(kept))
        )
    kept.extend(ids[piece:])
    return Pieces(tuple(kept), tuple(word_offsets), tuple(first), dropped)


def _shared(offsets: list[tuple[int, int]], piece: int, start: int, kept: int) -> int:
    """The piece before, where it reaches into this word (two signs in one piece); else -1."""
    return kept - 1 if piece and offsets[piece - 1][1] > start else -1


def cut(pieces: Pieces, size: int, overlap: int) -> list[Window]:
    """Windows of at most `size` pieces, neighbours sharing about `overlap`, borders at word starts.

    Each piece is owned by the window in which it stands farther from the edge.
    """
    if not 0 <= overlap <= size // 2:
        raise ValueError(f"overlap {overlap} must lie between 0 and half of size {size}")
    borders = sorted({0, *(p for p in pieces.first if p > 0)})
    spans: list[tuple[int, int]] = []
    start, total = 0, len(pieces.ids)
    while start < total:
        end = min(start + size, total)
        if end < total:
            end = _border_before(borders, end, start)
        spans.append((start, end))
        if end == total:
            break
        start = max(_border_before(borders, end - overlap, start), start + 1)
    edges = [(a + b) // 2 for (_, b), (a, _) in itertools.pairwise(spans)]
    owned = zip([0, *edges], [*edges, total], strict=True) if spans else ()
    return [Window(s, e, a, b) for (s, e), (a, b) in zip(spans, owned, strict=True)]


def _border_before(borders: list[int], piece: int, start: int) -> int:
    """The last word start at or before `piece`, if it lies after `start`; else `piece` itself."""
    border = borders[bisect_left(borders, piece + 1) - 1]
    return border if border > start else piece


def merge(pieces: Pieces, windows: Sequence[Window], answers: Sequence[Logits], tags: int) -> Logits:
    """One row of logits a word, (words, tags), from one array (end - start, tags) a window.

    A word without a piece gets zeros: no opinion, its neighbours decide.
    """
    rows = np.zeros((len(pieces.ids) + 1, tags), dtype=np.float32)
    for window, answer in zip(windows, answers, strict=True):
        kept = slice(window.own_start - window.start, window.own_end - window.start)
        rows[window.own_start : window.own_end] = answer[kept]
    return rows[np.asarray(pieces.first, dtype=np.int64)] if pieces.first else rows[:0]


def is_clean(text: str) -> bool:
    """Whether `text` has no lone surrogates."""
    return _SURROGATES.search(text) is None
