"""Scores a word into spans: Viterbi over legal BIO steps, word edges, a confidence for each span.

A span's score is the smallest probability among its parts: that it begins where it does, that each
further word continues it, and that the word after does not. Probabilities are the softmax of the
word's logits over `temperature`, which is chosen on dev (Guo et al. 2017, "On Calibration of Modern
Neural Networks"; 1.0 where the model states none).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hasila.document import Span
from hasila.labels import LABELS

# Columns of the tag order (see labels.TAGS): O is 0, B of label k is 1 + 2k, I is 2 + 2k.
_B = slice(1, None, 2)
_I = slice(2, None, 2)


def log_softmax(logits: NDArray[np.float32], temperature: float = 1.0) -> NDArray[np.float32]:
    """Log-probabilities of logits (words, tags), row by row."""
    scaled = logits / np.float32(temperature)
    scaled = scaled - scaled.max(axis=-1, keepdims=True)
    result: NDArray[np.float32] = scaled - np.log(np.exp(scaled).sum(axis=-1, keepdims=True))
    return result


def viterbi(scores: NDArray[np.float32]) -> list[int]:
    """The best legal tag sequence for log-probabilities (words, 29): I-X only after B-X or I-X.

    All other steps are free, so each column but I-X has one best predecessor: the best of all.
    """
    count = len(scores)
    if count == 0:
        return []
    came_from = np.zeros((count, scores.shape[1]), dtype=np.int16)
    inside = np.arange(2, scores.shape[1], 2)
    best = scores[0].astype(np.float64)
    best[_I] = -np.inf
    for index in range(1, count):
        top = int(best.argmax())
        steps = np.full_like(best, best[top])
        back = came_from[index]
        back[:] = top
        continues = best[_I] >= best[_B]  # a word nothing is known of goes on with its span
        steps[_I] = np.where(continues, best[_I], best[_B])
        back[_I] = np.where(continues, inside, inside - 1)
        best = steps + scores[index]
    path = [int(best.argmax())]
    for index in range(count - 1, 0, -1):
        path.append(int(came_from[index, path[-1]]))
    return path[::-1]


def groups(tags: Sequence[int]) -> list[tuple[int, int, int]]:
    """(first word, last word + 1, label index) of every span in a legal tag sequence."""
    found: list[tuple[int, int, int]] = []
    for index, tag in enumerate(tags):
        if tag == 0:
            continue
        if tag % 2:
            found.append((index, index + 1, tag // 2))
        else:
            start, _, label = found[-1]
            found[-1] = (start, index + 1, label)
    return found


def spans(
    text: str,
    words: Sequence[tuple[int, int]],
    logits: NDArray[np.float32],
    temperature: float = 1.0,
) -> list[Span]:
    """The spans of `text`, given one row of logits (words, 29) a word. Sorted, never overlapping."""
    scores = log_softmax(logits, temperature)
    result = []
    for first, last, label in groups(viterbi(scores)):
        start, end = words[first][0], words[last - 1][1]
        score = _confidence(scores, first, last, label)
        result.append(Span(start, end, LABELS[label], text[start:end], round(score, 4)))
    return result


def _confidence(scores: NDArray[np.float32], first: int, last: int, label: int) -> float:
    begin, inside = 1 + 2 * label, 2 + 2 * label
    parts = [float(np.exp(scores[first, begin]))]
    if last > first + 1:
        parts.append(float(np.exp(scores[first + 1 : last, inside].min())))
    if last < len(scores):
        parts.append(1.0 - float(np.exp(scores[last, inside])))
    return min(1.0, max(0.0, min(parts)))
