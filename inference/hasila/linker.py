"""The small learned model that scores links: what `features` sees into the likeliest target of each.

Each casualty's features, and each pair's of it and a candidate, are summed into one hidden layer; each link
has a score for every candidate and one for having none, of which the likeliest wins; status and victim
class have one for each value. `python -m training.link` fits it; its weights are `linker.npz`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hasila.article import Ints
from hasila.features import keys
from hasila.labels import LINK_TARGETS, LINKS, STATUSES, VICTIMS
from hasila.pairs import Scene, pair_columns, pair_rows
from hasila.templates import CASUALTY_BAGS, CASUALTY_TEMPLATES, PAIR_BAGS, PAIR_TEMPLATES

Floats = NDArray[np.float32]

_BLOCK = 4096  # pairs scored at once
_CASUALTY_BASE, _PAIR_BASE = 1000, 2000


@dataclass(frozen=True, slots=True)
class Weights:
    """The model: `features` (2**BITS, hidden) times `scale`, heads of links, none, status and victim class.

    Features are int8 in the file, float32 while they are fitted; row PAD is 0.
    """

    features: NDArray[Any]
    scale: Floats
    pair_bias: Floats
    casualty_bias: Floats
    link: Floats
    none: Floats
    none_bias: Floats
    status: Floats
    status_bias: Floats
    victim: Floats
    victim_bias: Floats


@cache
def weights() -> Weights:
    """`linker.npz`, read once."""
    with (
        files("hasila").joinpath("linker.npz").open("rb") as stream,
        np.load(stream, allow_pickle=False) as data,
    ):
        return Weights(**{field.name: data[field.name] for field in fields(Weights)})


def casualty_keys(scene: Scene) -> Ints:
    """(casualties, features) keys of what is seen of each casualty alone."""
    return keys(scene.harm, CASUALTY_TEMPLATES, CASUALTY_BAGS, _CASUALTY_BASE)


def pair_keys(scene: Scene, ci: Ints, tj: Ints) -> Ints:
    """(pairs, features) keys of what is seen of each pair."""
    return keys(pair_columns(scene, ci, tj), PAIR_TEMPLATES, PAIR_BAGS, _PAIR_BASE)


def allowed(scene: Scene, ci: Ints, tj: Ints) -> NDArray[np.bool_]:
    """(pairs, links): whether the candidate may be the target of the link; `same_as` points backwards."""
    labels = np.array([span.label for span in scene.article.spans])[tj]
    found = np.stack([np.isin(labels, LINK_TARGETS[name]) for name in LINKS], axis=1)
    found[:, LINKS.index("same_as")] &= tj < scene.which[ci]
    return found


def probabilities(pair: Floats, none: Floats, ci: Ints, may: NDArray[np.bool_]) -> tuple[Floats, Floats]:
    """Softmax over each casualty's candidates and none: (pairs, links) and (casualties, links)."""
    pair = np.where(may, pair, np.float32(-1e9))
    top = none.copy()
    np.maximum.at(top, ci, pair)
    chance, rest = np.exp(pair - top[ci]), np.exp(none - top)
    total = rest.copy()
    np.add.at(total, ci, chance)
    return chance / total[ci], rest / total


def softmax(scores: Floats) -> Floats:
    """Row by row."""
    chance = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(chance / chance.sum(axis=1, keepdims=True), dtype=np.float32)


def _hidden(found: Ints, model: Weights, bias: Floats) -> Floats:
    """(rows, hidden): the sum of the features' weights, rectified."""
    # int8 weights of at most 200 features a row add up in int16; a quarter of the bytes of float32 pass by.
    kind = np.int16 if model.features.dtype == np.int8 else np.float32
    total = np.zeros((len(found), model.features.shape[1]), dtype=kind)
    rows = np.empty(total.shape, dtype=model.features.dtype)
    for column in found.T:
        total += np.take(model.features, column, axis=0, out=rows, mode="clip")  # buffered unless clipped
    return np.asarray(np.maximum(total * model.scale + bias, 0), dtype=np.float32)


@dataclass(slots=True)
class Decision:
    """Targets (spans as sorted) and their probabilities, link by link, and the classes with theirs."""

    targets: dict[str, int]
    chances: dict[str, float]
    status: str
    victim: str
    certain: float


def decisions(scene: Scene, model: Weights) -> dict[int, Decision]:
    """What is likeliest for every casualty, by the number of its span among the sorted ones."""
    hidden = _hidden(casualty_keys(scene), model, model.casualty_bias)
    none = hidden @ model.none + model.none_bias
    status = softmax(hidden @ model.status + model.status_bias)
    victim = softmax(hidden @ model.victim + model.victim_bias)
    ci, tj = pair_rows(scene.which, len(scene.article.spans))
    chance, without = probabilities(_pair_scores(scene, model, ci, tj), none, ci, allowed(scene, ci, tj))
    edges = np.searchsorted(ci, np.arange(len(scene.which) + 1))
    decided = {}
    for n, (number, low, high) in enumerate(zip(scene.which.tolist(), edges, edges[1:], strict=False)):
        targets, chances = _best(chance[low:high], without[n], tj[low:high])
        certain = float(min(status[n].max(), victim[n].max()))
        classes = STATUSES[int(status[n].argmax())], VICTIMS[int(victim[n].argmax())]
        decided[number] = Decision(targets, chances, *classes, certain)
    return decided


def _pair_scores(scene: Scene, model: Weights, ci: Ints, tj: Ints) -> Floats:
    """(pairs, links), in blocks so that a long text costs no more memory than a short one."""
    scores = [np.zeros((0, len(LINKS)), dtype=np.float32)]
    for at in range(0, len(ci), _BLOCK):
        block = slice(at, at + _BLOCK)
        scores.append(_hidden(pair_keys(scene, ci[block], tj[block]), model, model.pair_bias) @ model.link)
    return np.concatenate(scores)


def _best(chance: Floats, none: Floats, tj: Ints) -> tuple[dict[str, int], dict[str, float]]:
    """The likeliest target of each link and its probability, where that is more than the one of none."""
    if not len(tj):
        return {}, {}
    best = chance.argmax(axis=0)
    found = [(name, int(best[n])) for n, name in enumerate(LINKS) if chance[best[n], n] > none[n]]
    return (
        {name: int(tj[row]) for name, row in found},
        {name: float(chance[row, LINKS.index(name)]) for name, row in found},
    )
