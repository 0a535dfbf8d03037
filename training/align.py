"""Gold spans onto words and pieces, and the tokenizer made to respect word edges.

A word takes its tag from the span that covers it; a piece takes its word's tag, continued inside the
word. Spans whose borders no word has, or whose edge falls inside one piece, cannot be expressed: they
are counted and shown, never dropped in silence.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass

from tokenizers import Tokenizer

from hasila.document import Span
from hasila.labels import TAG_IDS, TAGS
from hasila.windows import Pieces

IGNORED = -100  # torch's ignore_index: no loss here

# One sign, with the word-begin mark that Metaspace may have put before it, is a stretch of its own:
# no piece then holds two signs, or a digit and a full stop.
_SIGN = {"Regex": "\u2581?[^\\s\\p{L}\\p{M}\\p{N}\u2581]"}


@dataclass(frozen=True, slots=True)
class Aligned:
    """Piece labels (tag ids, IGNORED where no word is) and the spans that they cannot express."""

    labels: tuple[int, ...]
    lost: tuple[Span, ...]


def with_word_edges(tokenizer: Tokenizer) -> Tokenizer:
    """A copy whose pieces never cross from a word or sign into the next sign."""
    data = json.loads(tokenizer.to_str())
    split = {"type": "Split", "pattern": _SIGN, "behavior": "Isolated", "invert": False}
    before = data["pre_tokenizer"]
    steps = before["pretokenizers"] if before and before["type"] == "Sequence" else [before] if before else []
    if split not in steps:
        data["pre_tokenizer"] = {"type": "Sequence", "pretokenizers": [*steps, split]}
    data["truncation"] = data["padding"] = None
    return Tokenizer.from_str(json.dumps(data))


def word_tags(words: Sequence[tuple[int, int]], spans: Sequence[Span]) -> tuple[list[int], list[Span]]:
    """Tag ids, one a word, and the spans that do not begin and end at word edges."""
    starts = {start: index for index, (start, _) in enumerate(words)}
    ends = {end: index for index, (_, end) in enumerate(words)}
    tags = [0] * len(words)
    lost = []
    for span in spans:
        if span.start not in starts or span.end not in ends:
            lost.append(span)
            continue
        first, last = starts[span.start], ends[span.end]
        tags[first] = TAG_IDS[f"B-{span.label}"]
        tags[first + 1 : last + 1] = [TAG_IDS[f"I-{span.label}"]] * (last - first)
    return tags, lost


def align(pieces: Pieces, spans: Sequence[Span], inner: bool) -> Aligned:
    """Labels for the pieces of a text. `inner`: pieces inside a word are trained too."""
    tags, lost = word_tags(pieces.words, spans)
    labels = [IGNORED] * len(pieces.ids)
    shared: set[int] = set()
    for index, first in enumerate(pieces.first):
        if first < 0:
            shared.update([index] if tags[index] else [])
        elif labels[first] == IGNORED:
            labels[first] = tags[index]
        elif labels[first] != tags[index]:
            shared.add(index)
    if inner:
        _continue(labels, pieces)
    return Aligned(tuple(labels), (*lost, *_hit(pieces, spans, shared)))


def _continue(labels: list[int], pieces: Pieces) -> None:
    """Give the pieces after a word's first one the I tag of its span, up to the next word."""
    begins = [*sorted({first for first in pieces.first if first >= 0}), len(labels)]
    for begin, end in itertools.pairwise(begins):
        tag = labels[begin]
        inside = tag + 1 if TAGS[tag].startswith("B-") else tag
        labels[begin + 1 : end] = [inside] * (end - begin - 1)


def _hit(pieces: Pieces, spans: Sequence[Span], shared: set[int]) -> list[Span]:
    """The spans that own, or touch, a word whose piece says something else."""
    spots = [pieces.words[index] for index in sorted(shared)]
    return [span for span in spans if any(span.start <= end and start <= span.end for start, end in spots)]
