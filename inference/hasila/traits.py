"""What is seen of each span alone: columns of numbers, one entry a span.

The words in and beside it, its place among its like. `harms` sees more of casualty spans, `pairs` compares
spans, `features` hashes the columns.
"""

from __future__ import annotations

import zlib

import numpy as np

from hasila.article import EDGE, Article, Columns, Ints, mask, stem
from hasila.labels import LABELS, is_casualty

LABEL_IDS = {label: number for number, label in enumerate(LABELS, 1)}


def span_columns(article: Article) -> Columns:
    """What is seen of each span alone, one entry a span."""
    a, b = article.first, article.last
    h, s = article.hashes, article.stems
    size = len(a)
    labels = np.array([LABEL_IDS.get(span.label, 0) for span in article.spans], dtype=np.int64)
    surface = np.array([_surface(article, k) for k in range(size)], dtype=np.int64)
    columns = {
        "label": labels,
        "surface": surface,
        "first": h[a],
        "last": h[b],
        "stem": s[a],
        "laststem": s[b],
        "letter": np.array([_letter(article, k) for k in range(size)], dtype=np.int64),
        "definite": article.definite[b],
        "sentence": np.minimum(article.sentence[a], 6),
    }
    for distance in (1, 2, 3):
        columns[f"p{distance}"] = h[a - distance]
        columns[f"n{distance}"] = h[b + distance]
        columns[f"p{distance}class"] = article.bits[a - distance]
        columns[f"n{distance}class"] = article.bits[b + distance]
    speech = mask("speech", "attribution")
    acts = mask("deed", "blame")
    columns["speaks"] = _beside(article, speech)
    columns["acts"] = _beside(article, acts)
    columns["total"], columns["rank"], columns["mentions"], columns["first_mention"] = _ranks(
        article, labels, surface
    )
    following = np.roll(labels, -1)
    preceding = np.roll(labels, 1)
    if size:
        following[-1] = preceding[0] = 0
    nextgap = np.minimum(np.roll(a, -1) - b, 4)
    prevgap = np.minimum(a - np.roll(b, 1), 4)
    columns |= {"next_label": following, "prev_label": preceding, "next_gap": nextgap, "prev_gap": prevgap}
    return columns


def _surface(article: Article, k: int) -> int:
    words_ = article.folded[article.first[k] - EDGE : article.last[k] - EDGE + 1]
    return zlib.crc32(" ".join(stem(word) for word in words_).encode("utf-8", "replace"))


def _letter(article: Article, k: int) -> int:
    word = article.folded[article.first[k] - EDGE] if article.folded else ""
    for number, letter in enumerate(("وال", "بال", "لل", "ال", "و", "ب", "ل", "ف"), 1):
        if word.startswith(letter):
            return number
    return 0


def _beside(article: Article, mask: int) -> Ints:
    """1: a word of these classes stands up to two words before; 2: after; 3: both; same sentence only."""
    found = np.zeros(len(article.first), dtype=np.int64)
    for side, places, step in ((1, article.first, -1), (2, article.last, 1)):
        hit = np.zeros(len(places), dtype=bool)
        for distance in (1, 2):
            there = places + step * distance
            hit |= ((article.bits[there] & mask) != 0) & (article.sentence[there] == article.sentence[places])
        found |= np.where(hit, side, 0)
    return found


def _ranks(article: Article, labels: Ints, surface: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """For each span: how many of its label there are; its rank among them in its sentence; its mentions
    in the article; whether it is the first of them."""
    total = np.minimum(np.bincount(labels, minlength=len(LABELS) + 1)[labels], 6)
    ranks, seen = [], dict[tuple[int, int], int]()
    mentions: dict[int, int] = {}
    order = []
    for label, sentence, name in zip(
        labels.tolist(), article.sentence[article.first].tolist(), surface.tolist(), strict=True
    ):
        ranks.append(min(seen.get((label, sentence), 0), 4))
        seen[label, sentence] = ranks[-1] + 1
        order.append(mentions.get(name, 0))
        mentions[name] = order[-1] + 1
    return (
        total,
        np.array(ranks, dtype=np.int64),
        np.array([min(mentions[name], 4) for name in surface.tolist()], dtype=np.int64),
        np.array([min(place, 2) for place in order], dtype=np.int64),
    )


def harmed(article: Article) -> Ints:
    """Which of the sorted spans are casualty spans."""
    return np.array([k for k, span in enumerate(article.spans) if is_casualty(span.label)], dtype=np.int64)
