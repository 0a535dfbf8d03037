"""Fit the linker: `inference/hasila/linker.npz` from the gold's links, status and victim classes.

    python -m training.link [--folds N] [-o FILE]

Reads `.cache/documents.jsonl` (made by `training.corpora`) and the gold; train and dev are learned from,
never test or the seeds. With `--folds N` nothing is written: dev is read in N parts, each by a model that saw
train and the other parts, and the claims table is printed. The model is `hasila.linker`'s: summed feature
weights, one rectified layer, a softmax over the candidates of each link and none, and one over the classes.
Adam (Kingma & Ba 2015, "Adam: a method for stochastic optimization") on the summed cross-entropy, features
dropped at random. The same gold and seed give the same weights.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence, Set
from dataclasses import dataclass, fields, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from hasila import casualties, features, linker, linking
from hasila.article import read as read_article
from hasila.document import Span
from hasila.labels import LINKS, STATUSES, VICTIMS
from hasila.linker import Floats, Weights
from hasila.pairs import Scene, pair_rows
from training import claims, corpora, gold

OUT = Path("inference/hasila/linker.npz")
HIDDEN, EPOCHS, BATCH, RATE, DROPPED = 24, 8, 24, 0.004, 0.3
# How much less readily than the softmax says a link is left out, in nats: chosen on dev for each link's F1.
READINESS = {"of": 1.8, "by": 0.4, "where": 0.8, "source": 0.4, "part_of": 1.4, "same_as": 0.8, "event": 0.4}
# Dev is read over and its links are fuller than train's.
DEV_WEIGHT = 2
_NONE, _UNREAD = -1, -2


@dataclass(frozen=True, slots=True)
class Example:
    """One article: keys of its casualties and pairs, what may be linked, and what the gold says.

    `targets` (casualties, links) holds span numbers, -1 for none and -2 for unread.
    """

    casualties: NDArray[np.int64]
    pairs: NDArray[np.int64]
    ci: NDArray[np.int64]
    tj: NDArray[np.int64]
    may: NDArray[np.bool_]
    targets: NDArray[np.int64]
    status: NDArray[np.int64]
    victim: NDArray[np.int64]


def example(text: str, spans: Sequence[Span], truth: gold.GoldDocument) -> Example | None:
    """What is learned of one article; None without casualties."""
    scene = Scene.of(read_article(text, spans, linking.count(text, spans)))
    told = [truth.spans[k].claim for k in scene.which]
    if not told:
        return None
    ci, tj = pair_rows(scene.which, len(spans))
    return Example(
        linker.casualty_keys(scene),
        linker.pair_keys(scene, ci, tj),
        ci,
        tj,
        linker.allowed(scene, ci, tj),
        np.array([[_target(claim, link) for link in LINKS] for claim in told]),
        np.array([STATUSES.index(claim.status) for claim in told if claim]),
        np.array([VICTIMS.index(claim.victim) for claim in told if claim]),
    )


def _target(claim: gold.Claim | None, link: str) -> int:
    if claim is None or link in claim.unread:
        return _UNREAD
    target: int | None = getattr(claim, link)
    return _NONE if target is None else target


def fit(examples: Sequence[Example], seed: int = 0) -> Weights:
    """The weights after `EPOCHS` passes over the examples in random order."""
    rng = np.random.default_rng(seed)
    model = _start(rng)
    moments = {f.name: (np.zeros_like(getattr(model, f.name)),) * 2 for f in fields(Weights)}
    steps = EPOCHS * -(-len(examples) // BATCH)
    step = 0
    for _ in range(EPOCHS):
        order = rng.permutation(len(examples))
        for at in range(0, len(order), BATCH):
            step += 1
            slopes = _slopes(model, [examples[k] for k in order[at : at + BATCH]], rng)
            rate = RATE * min(1, step / 20) * (1 - step / (steps + 1))
            _adam(model, slopes, moments, step, rate)
    readiness = np.array([READINESS.get(link, 0.0) for link in LINKS], dtype=np.float32)
    return _packed(replace(model, none_bias=model.none_bias - readiness))


def _packed(model: Weights) -> Weights:
    """Feature weights as int8 with one scale."""
    scale = np.abs(model.features).max() / 127
    rows = np.round(model.features / scale).astype(np.int8)
    rows[features.PAD] = 0
    return replace(model, features=rows, scale=np.array(scale, dtype=np.float32))


def _start(rng: np.random.Generator) -> Weights:
    def normal(*shape: int, scale: float) -> Floats:
        return rng.normal(0, scale, shape).astype(np.float32)

    def zeros(size: int, value: float = 0.0) -> Floats:
        return np.full(size, value, dtype=np.float32)

    return Weights(
        normal(1 << features.BITS, HIDDEN, scale=0.05),
        np.ones((), dtype=np.float32),
        zeros(HIDDEN, 0.1),
        zeros(HIDDEN, 0.1),
        normal(HIDDEN, len(LINKS), scale=0.3),
        normal(HIDDEN, len(LINKS), scale=0.3),
        zeros(len(LINKS)),
        normal(HIDDEN, len(STATUSES), scale=0.3),
        zeros(len(STATUSES)),
        normal(HIDDEN, len(VICTIMS), scale=0.3),
        zeros(len(VICTIMS)),
    )


def _adam(
    model: Weights,
    slopes: dict[str, Floats],
    moments: dict[str, tuple[Floats, Floats]],
    step: int,
    rate: float,
) -> None:
    for name, slope in slopes.items():
        first, second = moments[name]
        first = first + np.float32(0.1) * (slope - first)
        second = second + np.float32(0.01) * (slope**2 - second)
        moments[name] = first, second
        scaled = first / (1 - 0.9**step) / (np.sqrt(second / (1 - 0.99**step)) + 1e-6)
        weights: Floats = getattr(model, name)
        weights -= (rate * scaled).astype(np.float32)


def _slopes(model: Weights, batch: Sequence[Example], rng: np.random.Generator) -> dict[str, Floats]:
    """Gradients of the loss of one batch by the name of the weights."""
    counts = np.cumsum([0, *(len(each.status) for each in batch)])
    ci = np.concatenate([each.ci + start for each, start in zip(batch, counts, strict=False)])
    alone = _matrix(np.concatenate([each.casualties for each in batch]), rng)
    both = _matrix(np.concatenate([each.pairs for each in batch]), rng)
    casualty = np.maximum(alone @ model.features + model.casualty_bias, 0)
    pair = np.maximum(both @ model.features + model.pair_bias, 0)
    on_pair, on_none = _link_errors(model, batch, casualty, pair, ci)
    on_status = _class_errors(casualty @ model.status + model.status_bias, [each.status for each in batch])
    on_victim = _class_errors(casualty @ model.victim + model.victim_bias, [each.victim for each in batch])
    back = on_none @ model.none.T + on_status @ model.status.T + on_victim @ model.victim.T
    back *= casualty > 0
    pair_back = (on_pair @ model.link.T) * (pair > 0)
    slopes = {
        "features": alone.T @ back + both.T @ pair_back,
        "pair_bias": pair_back.sum(0),
        "casualty_bias": back.sum(0),
        "link": pair.T @ on_pair,
        "none": casualty.T @ on_none,
        "none_bias": on_none.sum(0),
        "status": casualty.T @ on_status,
        "status_bias": on_status.sum(0),
        "victim": casualty.T @ on_victim,
        "victim_bias": on_victim.sum(0),
    }
    return {name: (slope / len(batch)).astype(np.float32) for name, slope in slopes.items()}


def _matrix(found: NDArray[np.int64], rng: np.random.Generator) -> sparse.csr_matrix:
    """(rows, 2**BITS) of ones where a feature is, some of them left out at random."""
    kept = (found != features.PAD) & (rng.random(found.shape) >= DROPPED)
    ends = np.concatenate([[0], np.cumsum(kept.sum(axis=1))])
    ones = np.ones(ends[-1], dtype=np.float32)
    return sparse.csr_matrix((ones, found[kept], ends), shape=(len(found), 1 << features.BITS))


def _link_errors(
    model: Weights, batch: Sequence[Example], casualty: Floats, pair: Floats, ci: NDArray[np.int64]
) -> tuple[Floats, Floats]:
    """Probability minus truth of each pair and of none; 0 where the gold is unread or out of reach."""
    may = np.concatenate([each.may for each in batch])
    targets = np.concatenate([each.targets for each in batch])
    tj = np.concatenate([each.tj for each in batch])
    chance, rest = linker.probabilities(pair @ model.link, casualty @ model.none + model.none_bias, ci, may)
    right = (tj[:, None] == targets[ci]) & may
    none = targets == _NONE
    reached = none.copy()
    np.logical_or.at(reached, ci, right)
    weight = reached & (targets != _UNREAD)
    return ((chance - right) * weight[ci] * may).astype(np.float32), ((rest - none) * weight).astype(
        np.float32
    )


def _class_errors(scores: Floats, truth: Sequence[NDArray[np.int64]]) -> Floats:
    errors = linker.softmax(scores)
    errors[np.arange(len(errors)), np.concatenate(truth)] -= 1
    return errors


def write(model: Weights, path: Path) -> None:
    """One array a field."""
    np.savez_compressed(path, **{f.name: getattr(model, f.name) for f in fields(Weights)})


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.link", description=__doc__.split("\n")[0])
    parser.add_argument("--folds", type=int, default=0, metavar="N", help="measure on dev, write nothing")
    parser.add_argument("--documents", type=Path, default=corpora.DOCUMENTS, metavar="FILE")
    parser.add_argument("-o", dest="out", type=Path, default=OUT, metavar="FILE")
    options = parser.parse_args(arguments)
    truths = {truth.id: truth for truth in gold.read() if truth.part != "test" and truth.source != "seeds"}
    texts = [text for text in corpora.read(options.documents) if text.id in truths]
    examples = {text.id: example(text.text, text.spans, truths[text.id]) for text in texts}
    if options.folds:
        print(_measure(texts, examples, truths, options.folds))
        return 0
    write(fit(_weighted(texts, examples, frozenset())), options.out)
    print(f"{options.out}: {options.out.stat().st_size:,} bytes from {len(texts)} articles")
    return 0


def _weighted(
    texts: Sequence[corpora.TrainingDocument], examples: dict[str, Example | None], held: Set[str]
) -> list[Example]:
    """The examples that are not held out, those of dev `DEV_WEIGHT` times."""
    kept = [(text.part, examples[text.id]) for text in texts if text.id not in held]
    return [each for part, each in kept if each for _ in range(DEV_WEIGHT if part == "dev" else 1)]


def _measure(
    texts: Sequence[corpora.TrainingDocument],
    examples: dict[str, Example | None],
    truths: dict[str, gold.GoldDocument],
    folds: int,
) -> str:
    """The claims table of dev, each part read by a model that has not seen it."""
    dev = [text for text in texts if text.part == "dev"]
    total = claims.Score()
    for fold in range(folds):
        held = dev[fold::folds]
        names = frozenset(text.id for text in held)
        model = fit(_weighted(texts, examples, names))
        for text in held:
            day = None if text.date is None else dt.date.fromisoformat(text.date)
            records = casualties.records(text.text, text.spans, day, model=model)
            total += claims.score(truths[text.id], text, text.spans, records)
    return claims.table(total)


if __name__ == "__main__":
    sys.exit(main())
