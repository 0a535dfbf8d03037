"""What linking sees of a text: its words with their cues, clauses and sentences, and where the spans stand.

`read` makes the arrays that `traits` and `pairs` look into. Words are numbers here (hashes of folded words
and of their stems), so that whole articles are compared at once. Nothing is decided.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
from numpy.typing import NDArray

from hasila import cues
from hasila.arabic import fold_text, words
from hasila.document import Count, Span

Ints = NDArray[np.int64]

Columns = dict[str, Ints]

CUE_GROUPS: dict[str, tuple[str, ...]] = {
    "speech": ("source.speech", "source.relay", "source.claim", "source.count"),
    "attribution": ("source.according", "source.noun"),
    "that": ("source.that",),
    "kill": ("outcome.killed",),
    "injure": ("outcome.injured",),
    "detain": ("outcome.detained",),
    "displace": ("outcome.displaced", "outcome.missing"),
    "deed": ("by.deed",),
    "arm": ("by.arm", "by.attack"),
    "blame": ("by.hand", "by.passive", "by.claim", "by.blame", "by.hold", "by.means", "by.clash"),
    "member": ("of.member", "of.ranks", "of.leader", "of.belongs"),
    "loss": ("of.loss",),
    "target": ("of.target",),
    "from": ("of.from",),
    "in": ("where.in",),
    "near": ("where.near", "where.side"),
    "hit": ("where.target",),
    "away": ("where.away", "where.path"),
    "since": ("when.since", "when.during"),
    "on": ("when.on", "when.relative"),
    "among": ("subset.among", "subset.most", "subset.all", "subset.list"),
    "besides": ("subset.besides",),
    "total": ("subset.total",),
    "rise": ("update.rise", "update.new", "update.reach", "update.toll"),
    "again": ("update.earlier", "update.same", "update.definite", "update.died_later"),
    "after": ("cause.by_event", "cause.in_event"),
    "gives": ("cause.gives", "cause.with"),
    "negated": ("status.negated", "source.denial"),
    "hypothetical": ("status.hypothetical",),
    "historical": ("status.historical",),
    "v_civilian": ("victim.civilian",),
    "v_combatant": ("victim.combatant",),
    "v_child": ("victim.child",),
    "v_woman": ("victim.woman",),
    "v_unknown": ("victim.unknown",),
    "v_inherit": ("victim.inherit",),
}

_STOPS = frozenset(".!?؟…")

_COMMAS = frozenset("،؛,:()«»;")

_SHIFTS = frozenset(("فيما", "وفيما", "بينما", "وبينما", "كما", "حين", "كذلك", "وكذلك", "غضون"))

EDGE = 12  # sentinels before and after the words, so that neighbours always exist

_ENDINGS = ("ون", "ين", "ات", "ان", "ها", "هم", "يه", "ا", "ه", "ي")


@dataclass(frozen=True, slots=True)
class Article:
    """Words of a text with `EDGE` sentinels on both sides, as arrays; spans sorted by place.

    `order[k]` is where the k-th span of the arrays stood in the caller's sequence.
    """

    offsets: list[tuple[int, int]]
    hashes: Ints
    stems: Ints
    bits: Ints
    definite: Ints
    sentence: Ints
    clause: Ints
    folded: list[str]
    spans: list[Span]
    counts: list[Count | None]
    order: list[int]
    first: Ints
    last: Ints


def read(text: str, spans: Sequence[Span], counts: Sequence[Count | None]) -> Article:
    """The text's words and the spans' places in them; `counts[i]` is what `spans[i]` counts, if it does."""
    offsets = words(text)
    known = [_word(text[start:end]) for start, end in offsets]
    sentence, clause = _borders(text, offsets, [entry[3] for entry in known])
    order = sorted(range(len(spans)), key=lambda index: (spans[index].start, spans[index].end))
    starts = np.array([start for start, _ in offsets] or [0])
    ends = np.array([end for _, end in offsets] or [0])
    placed = [spans[index] for index in order]
    first = np.searchsorted(ends, [span.start for span in placed], "right")
    last = np.maximum(np.searchsorted(starts, [span.end for span in placed], "left") - 1, first)
    limit = max(len(offsets) - 1, 0)
    return Article(
        offsets,
        _padded([entry[0] for entry in known]),
        _padded([entry[1] for entry in known]),
        _padded(_cue_bits(text, offsets)),
        _padded([int(entry[2]) for entry in known]),
        _padded(sentence),
        _padded(clause),
        [entry[3] for entry in known],
        placed,
        [counts[index] for index in order],
        order,
        np.minimum(first, limit) + EDGE,
        np.minimum(last, limit) + EDGE,
    )


def _padded(values: Sequence[int]) -> Ints:
    edge = [0] * EDGE
    return np.array([*edge, *(values or [0]), *edge], dtype=np.int64)


def _cue_bits(text: str, offsets: list[tuple[int, int]]) -> list[int]:
    """The cue groups of each word of the text, as bits."""
    starts = {start: number for number, (start, _) in enumerate(offsets)}
    bits = [0] * len(offsets)
    groups = _group_bits()
    for family in dict.fromkeys(cue.split(".")[0] for cue in groups):
        for cue in cues.find(text, family):
            mark = groups.get(f"{family}.{cue.value}", 0)
            at = starts[cue.start]
            while at < len(offsets) and offsets[at][0] < cue.end:
                bits[at] |= mark
                at += 1
    return bits


@cache
def _group_bits() -> dict[str, int]:
    return {cue: 1 << number for number, row in enumerate(CUE_GROUPS.values()) for cue in row}


def _borders(text: str, offsets: list[tuple[int, int]], folded: list[str]) -> tuple[list[int], list[int]]:
    """Number of the sentence and of the clause of each word."""
    sentences, clauses = list[int](), list[int]()
    sentence = clause = 0
    for index, (start, end) in enumerate(offsets):
        if index and "\n" in text[offsets[index - 1][1] : start]:
            sentence, clause = sentence + 1, clause + 1
        if folded[index] in _SHIFTS and clauses and clauses[-1] == clause:
            clause += 1
        sentences.append(sentence)
        clauses.append(clause)
        word = folded[index]
        if word in _STOPS and not text[end : end + 1].isdigit():
            sentence, clause = sentence + 1, clause + 1
        elif word in _COMMAS:
            clause += 1
    return sentences, clauses


@lru_cache(maxsize=1 << 17)
def _word(raw: str) -> tuple[int, int, bool, str]:
    """Hash, hash of the stem, whether it is definite, and the folded word."""
    folded = fold_text(raw)
    definite = folded.startswith(("ال", "وال", "بال", "لل", "فال"))
    shown = re.sub(r"\d+", lambda m: "9" * len(m[0]), folded)
    return (
        zlib.crc32(shown.encode("utf-8", "replace")),
        zlib.crc32(stem(shown).encode("utf-8", "replace")),
        definite,
        folded,
    )


def stem(word: str) -> str:
    """A folded word without proclitics and the commonest endings: for grouping words, not for showing."""
    for clitic in ("وال", "فال", "بال", "كال", "ولل", "لل", "ال", "و", "ف", "ب", "ل"):
        if word.startswith(clitic) and len(word) - len(clitic) >= 3:
            word = word[len(clitic) :]
            break
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)]
    return word


@cache
def mask(*names: str) -> int:
    order = list(CUE_GROUPS)
    return sum(1 << order.index(name) for name in names)
