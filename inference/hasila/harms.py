"""What is seen of each casualty span alone, beside what `traits` sees of any span: one entry a casualty.

The verb that governs it, the cues around it, who its words say was harmed, how many it counts, and which
numbers of an article add up.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np

from hasila.article import CUE_GROUPS, EDGE, Article, Columns, Ints, mask
from hasila.document import Count
from hasila.features import PAD, mix
from hasila.templates import CASUALTY_BAGS
from hasila.traits import harmed

_HARMS = ("kill", "injure", "detain", "displace")
_SUM = 9  # how many parts a total may have


def casualty_columns(article: Article, spans: Columns) -> Columns:
    """What is seen of each casualty span, one entry a casualty: the span's columns and more."""
    which = harmed(article)
    columns = {name: column[which] for name, column in spans.items()}
    verbs = [_verb(article, int(k)) for k in which]
    columns["verb_at"] = np.array([at for at, _ in verbs], dtype=np.int64)
    columns["verb"] = np.array([name for _, name in verbs], dtype=np.int64)
    openers = [_opener(article, int(k)) for k in which]
    columns["opener"] = article.hashes[openers] if len(which) else which
    columns["opener2"] = article.hashes[np.array(openers) + 1] if len(which) else which
    columns["openerclass"] = article.bits[openers] if len(which) else which
    a, b = article.first[which], article.last[which]
    counts = [article.counts[int(k)] for k in which]
    columns["count"] = np.array([_count_code(count) for count in counts], dtype=np.int64)
    columns["value"] = np.array([_value(count) for count in counts], dtype=np.int64)
    columns["before"] = _before(article, which, openers)
    status = ("negated", "hypothetical", "historical")
    columns["statuses"] = _cues_around(article, a, -12, status)
    columns["statuses_near"] = _cues_around(article, a, -4, status)
    columns["statuses_after"] = _cues_around(article, b, 8, status)
    columns["first_sentence"] = (columns["sentence"] == 0).astype(np.int64)
    columns["when_past"] = _cues_around(article, b, 14, ("historical", "since")) + 4 * _cues_around(
        article, a, -14, ("historical", "since", "again")
    )
    columns["subset"] = _cue_near(article, a, mask("among"), 6)
    columns["update"] = _cue_near(article, a, mask("rise", "again", "total"), 6)
    columns["speaker"] = _speaker(article, which, spans)
    columns["victim"] = _class_set(article, a, b)
    columns["inherits"] = _inherited(article, which, columns["victim"])
    columns["tail"] = _class_set(article, b + 1, b + 3)
    columns["possessive"] = np.array([_possessive(article, int(k)) for k in which], dtype=np.int64)
    columns["closed"] = (article.sentence[b + 1] != article.sentence[b]).astype(np.int64)
    gaps, previous = [], -1
    for k in which.tolist():
        gaps.append(_gap_code(article, previous, k) if previous >= 0 else 0)
        previous = k
    columns["chain"] = np.array(gaps, dtype=np.int64)
    for name, length in CASUALTY_BAGS:
        for step in range(length):
            columns[f"{name}{step}"] = _bag(article, a, b, name, step)
    return columns


def _possessive(article: Article, k: int) -> int:
    """1 + which pronoun the span's last words end in (`جنودها`, `أفراده`, `منهم`), 0 for none."""
    for word in article.folded[max(article.last[k] - EDGE - 1, 0) : article.last[k] - EDGE + 1]:
        for number, ending in enumerate(("هما", "هم", "ها"), 1):
            if word.endswith(ending) and len(word) > len(ending) + 2:
                return number
    word = article.folded[article.last[k] - EDGE] if article.folded else ""
    return 4 if word.endswith("ه") and word[:-1].endswith(("ين", "ود", "اد", "صر", "ات")) else 0


def _inherited(article: Article, which: Ints, victim: Ints) -> Ints:
    """Victim cues of each casualty; without any of its own (`ثلاثة`, `آخرون`), those of the one before."""
    inherit = 1 << 5
    found: list[int] = []
    for number, (k, own) in enumerate(zip(which.tolist(), victim.tolist(), strict=True)):
        near = (
            number
            and article.sentence[article.first[k]] - article.sentence[article.last[which[number - 1]]] <= 1
        )
        carried = found[-1] & ~(1 << 6) if near and not own & ~inherit else 0
        found.append(carried | 1 << 6 if carried else own)
    return np.array(found, dtype=np.int64)


def _bag(article: Article, a: Ints, b: Ints, name: str, step: int) -> Ints:
    if name == "inside":
        return np.where(a + step <= b, article.stems[np.minimum(a + step, b)], PAD)
    at = a - 1 - step if name == "left" else b + 1 + step
    there = (article.sentence[at] == article.sentence[a]) & (article.hashes[at] != 0)
    return np.where(there, article.stems[at], PAD)


def _verb(article: Article, k: int) -> tuple[int, int]:
    """Place and word of the harm word that governs a casualty: nearest before it, else after."""
    harm = mask(*_HARMS)
    a, b = int(article.first[k]), int(article.last[k])
    for at in (*range(a - 1, max(a - 20, EDGE - 1), -1), *range(b + 1, min(b + 7, len(article.bits) - 1))):
        if article.sentence[at] == article.sentence[a] and article.bits[at] & harm:
            return at, int(article.hashes[at])
    return -1, 0


def _opener(article: Article, k: int) -> int:
    at = int(article.first[k])
    sentence = article.sentence[at]
    return EDGE + int(np.searchsorted(article.sentence[EDGE : at + 1], sentence))


def _count_code(count: Count | None) -> int:
    if count is None:
        return 1
    if count.kind == "exact" and count.min is not None:
        return 2 + min(count.min, 4)
    return zlib.crc32(count.kind.encode())


def _value(count: Count | None) -> int:
    if count is None:
        return -1
    low = count.min if count.min is not None else count.max
    if low is None:
        return -1
    return low + {"more_than": -1, "less_than": 1}.get(count.kind, 0)


def _before(article: Article, which: Ints, openers: list[int]) -> Ints:
    """Cue classes of the words between the sentence's beginning and the casualty, as bits of six classes."""
    masks = [mask(name) for name in ("negated", "hypothetical", "historical", "speech", "rise", "among")]
    found = []
    for k, start in zip(which.tolist(), openers, strict=True):
        here = int(article.first[k])
        bits = int(np.bitwise_or.reduce(article.bits[max(start, here - 12) : here])) if here > start else 0
        found.append(sum(1 << n for n, bit in enumerate(masks) if bits & bit))
    return np.array(found, dtype=np.int64)


def _cues_around(article: Article, at: Ints, reach: int, names: tuple[str, ...]) -> Ints:
    """Which of the groups stand within `reach` words (before: negative) in the same sentence, as bits."""
    steps = np.arange(1, abs(reach) + 1) * (1 if reach > 0 else -1)
    there = np.minimum(np.maximum(at[:, None] + steps, 0), len(article.bits) - 1)
    inside = article.sentence[there] == article.sentence[at][:, None]
    bits = np.bitwise_or.reduce(np.where(inside, article.bits[there], 0), axis=1)
    found = np.zeros(len(at), dtype=np.int64)
    for number, name in enumerate(names):
        found |= ((bits & mask(name)) != 0).astype(np.int64) << number
    return found


def _cue_near(article: Article, a: Ints, mask: int, reach: int) -> Ints:
    """Distance to a cue before, 0 where none is within `reach` words of the same sentence."""
    found = np.zeros(len(a), dtype=np.int64)
    for distance in range(reach, 0, -1):
        at = np.maximum(a - distance, 0)
        hit = ((article.bits[at] & mask) != 0) & (article.sentence[at] == article.sentence[a])
        found = np.where(hit, distance, found)
    return found


def _speaker(article: Article, which: Ints, spans: Columns) -> Ints:
    """How the sentence of each casualty is attributed: speech cues in it, and whether a span there speaks."""
    size = int(article.sentence.max()) + 1
    bits = np.zeros(size, dtype=np.int64)
    np.bitwise_or.at(bits, article.sentence[EDGE:-EDGE], article.bits[EDGE:-EDGE])
    speaking = np.zeros(size, dtype=np.int64)
    speaking[article.sentence[article.first[spans["speaks"] > 0]]] = 8
    here = article.sentence[article.first[which]]
    found = speaking[here]
    for number, name in enumerate(("speech", "that", "attribution")):
        found = found | ((bits[here] & mask(name)) != 0).astype(np.int64) << number
    return found


def _class_set(article: Article, a: Ints, b: Ints) -> Ints:
    """Victim cues of the words `a` to `b` of each casualty (at most eight), as bits in the groups' order."""
    names = [name for name in CUE_GROUPS if name.startswith("v_")]
    shift, every = list(CUE_GROUPS).index(names[0]), (1 << len(names)) - 1
    found = np.zeros(len(a), dtype=np.int64)
    for step in range(8):
        bits = article.bits[np.minimum(a + step, b)] >> shift & every
        found |= np.where(a + step <= b, bits, 0)
    return found


def _gap_code(article: Article, i: int, j: int) -> int:
    """The words between two spans where they are few, else how far apart they are."""
    start, end = int(article.last[i]) + 1, int(article.first[j])
    if end - start > 4 or end < start:
        return 1 + min(max(end - start, 0).bit_length(), 8)
    return int(mix([article.hashes[at : at + 1] for at in range(start, end)])[0]) + 16 if end > start else 15


def sums(article: Article, which: Ints, values: Ints) -> Ints:
    """Pairs (part, total) of casualties, coded `part * len(which) + total`, sorted, where neighbours add up.

    The parts are two to nine casualties in a row of the total's label (any label under a CASUALTY), not far
    from it, whose numbers make the total's.
    """
    known, size = values.tolist(), len(which)
    labels = [article.spans[int(k)].label for k in which]
    found: set[int] = set()
    for total, value in enumerate(known):
        if value < 3:
            continue
        near = range(max(0, total - 12), min(size, total + 16))
        alike = [k for k in near if k != total and labels[total] in (labels[k], "CASUALTY")]
        parts = [k for k in alike if 0 < known[k] < value]
        for run in _runs([known[k] for k in parts], value):
            found.update(parts[k] * size + total for k in run)
    return np.array(sorted(found), dtype=np.int64)


def _runs(values: list[int], total: int) -> Iterator[range]:
    """The runs of at least two neighbours of `values` that add up to `total`."""
    for start in range(len(values)):
        left = total
        for end in range(start, min(start + _SUM, len(values))):
            left -= values[end]
            if left <= 0:
                if left == 0 and end > start:
                    yield range(start, end + 1)
                break
