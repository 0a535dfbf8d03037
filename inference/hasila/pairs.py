"""What is seen of a casualty span and another span together: columns of numbers, one entry a pair.

Order, distance, the sentence and clause borders and the cues between them, what stands between, which of
its like the candidate is; for two casualties, their numbers and nouns. Nothing is decided here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hasila.article import Article, Columns, Ints, mask
from hasila.features import PAD, mix
from hasila.harms import casualty_columns, sums
from hasila.labels import LABELS
from hasila.templates import BETWEEN, CASUALTY_BAGS, PAIR_BAGS
from hasila.traits import LABEL_IDS, harmed, span_columns

_BAGS = tuple(name for name, _ in CASUALTY_BAGS)
_BEFORE, _AFTER = 36, 16  # how many spans around a casualty are its candidates


def pair_rows(which: Ints, size: int) -> tuple[Ints, Ints]:
    """(number of the casualty, candidate span) of every pair looked at, sorted; there are `size` spans."""
    low = np.maximum(which - _BEFORE, 0)
    lengths = np.minimum(which + _AFTER + 1, size) - low
    ci = np.repeat(np.arange(len(which)), lengths)
    tj = np.arange(len(ci)) - np.repeat(np.cumsum(lengths) - lengths, lengths) + low[ci]
    keep = which[ci] != tj
    return ci[keep], tj[keep]


@dataclass(frozen=True, slots=True)
class Scene:
    """An article, the columns of its spans and of its casualties, and which numbers add up (`harms.sums`).

    `which[n]` is the span of the n-th casualty.
    """

    article: Article
    spans: Columns
    harm: Columns
    which: Ints
    added: Ints

    @classmethod
    def of(cls, article: Article) -> Scene:
        """All that is seen of the spans of `article` alone."""
        spans, which = span_columns(article), harmed(article)
        harm = casualty_columns(article, spans)
        return cls(article, spans, harm, which, sums(article, which, harm["value"]))


def pair_columns(scene: Scene, ci: Ints, tj: Ints) -> Columns:
    """What is seen of each pair of the casualty with number `ci` and the candidate span `tj`."""
    article, ck = scene.article, scene.which[ci]
    columns = {f"t_{name}": column[tj] for name, column in scene.spans.items()}
    columns |= {f"c_{name}": column[ci] for name, column in scene.harm.items() if not name.startswith(_BAGS)}
    columns["order"] = (tj < ck).astype(np.int64)
    _distances(article, columns, ck, tj)
    columns["between"] = np.minimum(_between(scene.spans["label"], tj, ck), 5)
    columns["near"] = np.minimum(columns["between"], 1) + 2 * (columns["gap"] == 0)
    marked = np.zeros(len(article.spans), dtype=bool)
    marked[scene.which] = True
    columns["casualties"] = np.minimum(_between_any(marked, tj, ck), 4)
    columns["events"] = np.minimum(_between_any(scene.spans["label"] == LABEL_IDS["EVENT"], tj, ck), 3)
    _gap_columns(article, columns, ck, tj)
    columns["overlap"] = _overlap(article, ck, tj)
    _verb_side(scene, columns, ci, tj)
    _speakers(scene, columns, ck, tj)
    _casualty_pairs(scene, columns, ci, tj)
    return columns


def _distances(article: Article, columns: Columns, ck: Ints, tj: Ints) -> None:
    """Sentences, clauses and words from the casualty to the candidate."""
    here, there = article.first[ck], article.first[tj]
    gap = np.clip(article.sentence[there] - article.sentence[here], -4, 3)
    start, end = _stretch(article, ck, tj)
    columns["gap"] = gap
    columns["clause"] = np.where(gap == 0, np.clip(article.clause[there] - article.clause[here], -4, 4), 9)
    apart = np.log2(np.maximum(end - start, 0) + 1)
    columns["distance"] = np.minimum(np.ceil(apart * 1.5).astype(np.int64), 12)


def _stretch(article: Article, ck: Ints, tj: Ints) -> tuple[Ints, Ints]:
    """First word between two spans, and the word where the later one begins."""
    before = tj < ck
    start = np.where(before, article.last[tj], article.last[ck]) + 1
    return start, np.where(before, article.first[ck], article.first[tj])


def _between(labels: Ints, i: Ints, j: Ints) -> Ints:
    """How many spans with the label of span `i` stand between `i` and `j`."""
    counts = np.zeros((len(labels) + 1, len(LABELS) + 1), dtype=np.int64)
    counts[np.arange(1, len(labels) + 1), labels] = 1
    counts = counts.cumsum(axis=0)
    low, high = np.minimum(i, j), np.maximum(i, j)
    return np.asarray(counts[high, labels[i]] - counts[low + 1, labels[i]], dtype=np.int64)


def _between_any(marked: NDArray[np.bool_], i: Ints, j: Ints) -> Ints:
    counts = np.concatenate([[0], np.cumsum(marked)])
    low, high = np.minimum(i, j), np.maximum(i, j)
    return np.asarray(counts[high] - counts[low + 1], dtype=np.int64)


def _gap_columns(article: Article, columns: Columns, ck: Ints, tj: Ints) -> None:
    """Cue groups and words that stand between both spans."""
    before = columns["order"] == 1
    start, end = _stretch(article, ck, tj)
    stop = np.maximum(start, end)
    for name in BETWEEN:
        counts = np.concatenate([[0], np.cumsum((article.bits & mask(name)) != 0)])
        columns[f"cue_{name}"] = np.minimum(counts[stop] - counts[start], 2)
    columns["cues"] = _flags(columns, BETWEEN[:7])
    harms = _flags(columns, ("kill", "injure", "detain"))
    columns["cue_kinds"] = np.where(columns["gap"] != 0, 7, harms)
    limit = len(article.hashes) - 1
    words = [np.where(start + k < end, article.hashes[np.minimum(start + k, limit)], PAD) for k in range(5)]
    columns["words"] = np.where(stop - start <= 5, mix(words), columns["distance"]) * 2 + before
    for (name, length), forward in zip(PAIR_BAGS, (~before, before), strict=True):
        for step in range(length):
            at = np.where(forward, start + step, end - 1 - step)
            there = (at >= start) & (at < end) & (stop - start < 40)
            columns[f"{name}{step}"] = np.where(there, article.stems[np.clip(at, 0, limit)], PAD)


def _flags(columns: Columns, names: Sequence[str]) -> Ints:
    flags = np.zeros_like(columns["order"])
    for number, name in enumerate(names):
        flags |= (columns[f"cue_{name}"] > 0).astype(np.int64) << number
    return flags


def _overlap(article: Article, ck: Ints, tj: Ints) -> Ints:
    """Whether a word of the candidate (`الجيش السوري`) stands in the casualty span too (`جنديا سوريا`)."""
    found = np.zeros(len(ck), dtype=np.int64)
    for mine in range(4):
        here = article.first[ck] + mine
        for theirs in range(4):
            there = article.first[tj] + theirs
            inside = (here <= article.last[ck]) & (there <= article.last[tj])
            found |= inside & (
                article.stems[np.minimum(here, len(article.stems) - 1)]
                == article.stems[np.minimum(there, len(article.stems) - 1)]
            )
    return found


def _verb_side(scene: Scene, columns: Columns, ci: Ints, tj: Ints) -> None:
    """Where the candidate stands against the harm word that governs the casualty."""
    verb, here = scene.harm["verb_at"][ci], scene.article.first[tj]
    side = np.where(here < verb, 1, 2) + 2 * columns["order"] + 4 * (np.abs(here - verb) <= 3)
    elsewhere = columns["gap"] != 0
    columns["verbside"] = np.where(verb < 0, 0, np.where(elsewhere, 9 + columns["order"], side + 16))


def _speakers(scene: Scene, columns: Columns, ck: Ints, tj: Ints) -> None:
    """Spans beside a word of speech, and parties beside a word of attack, between both."""
    speaks = scene.spans["speaks"] > 0
    columns["speakers"] = np.minimum(_between_any(speaks, tj, ck), 3)
    columns["lastspeaker"] = (columns["speakers"] == 0).astype(np.int64) + 2 * speaks[tj]
    acts = (scene.spans["acts"] > 0) & (scene.spans["label"] == LABEL_IDS["ACTOR"])
    columns["lastactor"] = np.minimum(_between_any(acts, tj, ck), 2)


def _casualty_pairs(scene: Scene, columns: Columns, ci: Ints, tj: Ints) -> None:
    """Numbers, sums and nouns of pairs of two casualties; `harm` is 0 for other candidates."""
    harm, which = scene.harm, scene.which
    number = np.full(len(scene.spans["label"]), -1, dtype=np.int64)
    number[which] = np.arange(len(which))
    other = number[tj]
    is_harm = other >= 0
    safe = np.maximum(other, 0)
    mine, theirs = harm["value"][ci], harm["value"][safe]
    relation = np.where(
        (mine < 0) | (theirs < 0), 1, np.where(mine == theirs, 2, np.where(mine < theirs, 3, 4))
    )
    relation = np.where((mine == theirs) & (mine > 1), 5, relation)
    columns["harm"] = is_harm.astype(np.int64)
    columns["numbers"] = relation
    columns["same_label"] = (
        np.where(harm["label"][ci] == harm["label"][safe], 1, 0)
        + 2 * (harm["label"][safe] == LABEL_IDS["CASUALTY"])
        + 4 * (harm["label"][ci] == LABEL_IDS["CASUALTY"])
    )
    columns["same_stem"] = (harm["laststem"][ci] == harm["laststem"][safe]).astype(np.int64)
    columns["sums"] = (np.isin(ci * len(which) + other, scene.added) & is_harm).astype(np.int64)
    for name in ("count", "victim", "subset", "update"):
        columns[f"t_{name}"] = harm[name][safe]
    alike = _first_alike(harm["label"], np.zeros_like(which))
    columns["t_firstkind"] = ((alike[safe] == other) & is_harm).astype(np.int64)
    equal = _first_alike(harm["label"], harm["value"])
    columns["t_first_match"] = ((equal[ci] == other) & is_harm).astype(np.int64)


def _first_alike(*keys: Ints) -> Ints:
    """For each casualty the first one of the article with the same keys."""
    first: dict[tuple[int, ...], int] = {}
    rows = zip(*(key.tolist() for key in keys), strict=True)
    return np.array([first.setdefault(row, number) for number, row in enumerate(rows)], dtype=np.int64)
