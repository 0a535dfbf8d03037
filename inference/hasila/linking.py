"""Which party, place, day, source, total, earlier toll, event and weapon belong to a casualty span, and
whether it happened and to whom.

A small learned model scores what `features` sees: each casualty's features, and each pair's of it and a
candidate, are summed into one hidden layer; each link has a score for every candidate and one for having
none, of which the likeliest wins. `python -m training.link` fits it; its weights are `linker.npz`. The
evidence names the cue that stands nearest, or nearness itself. Numbers, dates and places are not read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from functools import cache
from importlib.resources import files
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hasila import numerals
from hasila.article import EDGE, Ints, mask, read
from hasila.document import Count, Span
from hasila.features import CASUALTY_BAGS, CASUALTY_TEMPLATES, PAIR_BAGS, PAIR_TEMPLATES, keys
from hasila.labels import LINK_TARGETS, LINKS, STATUSES, VICTIMS, is_casualty
from hasila.pairs import Scene, pair_columns, pair_rows

Floats = NDArray[np.float32]
Cue = tuple[str, int, int]

CONTEXT = 60  # characters around a casualty span that its number may depend on
_BLOCK = 4096  # pairs scored at once
_CASUALTY_BASE, _PAIR_BASE = 1000, 2000
_REACH = 3  # words from a span in which its cue is looked for

# Which cues, the strongest first, are shown as the reason of a link, a status, a victim class.
EVIDENCE: dict[str, tuple[str, ...]] = {
    "of": ("member", "loss", "target", "from"),
    "by": ("blame", "deed", "arm"),
    "where": ("near", "hit", "in", "away"),
    "when": ("since", "on", "in"),
    "source": ("attribution", "speech", "that"),
    "part_of": ("among", "total", "besides"),
    "same_as": ("rise", "again"),
    "event": ("gives", "after", "arm"),
    "weapon": ("gives", "after", "blame", "deed"),
    "negated": ("negated",),
    "hypothetical": ("hypothetical",),
    "historical": ("historical", "since"),
    "civilian": ("v_civilian",),
    "child": ("v_child",),
    "woman": ("v_woman",),
    "combatant": ("v_combatant", "member"),
    "mixed": ("v_civilian", "v_combatant", "v_child", "v_woman"),
    "unknown": ("v_unknown", "v_inherit"),
    "asserted": ("kill", "injure", "detain", "displace"),
}


@dataclass(frozen=True, slots=True)
class Links:
    """What belongs to the casualty `spans[span]`: indexes into the spans given, or None.

    `score` in 0..1 is the least of the probabilities of what was decided; `evidence` maps a field to the
    cue (or `nearness`, `context`), and where it stands in the text.
    """

    span: int
    of: int | None
    by: int | None
    where: int | None
    when: int | None
    source: int | None
    part_of: int | None
    same_as: int | None
    event: int | None
    weapon: int | None
    status: str
    victim: str
    score: float
    flags: tuple[str, ...]
    evidence: dict[str, Cue]


def link(
    text: str,
    spans: Sequence[Span],
    counts: Sequence[Count | None] | None = None,
    model: Weights | None = None,
) -> tuple[Links, ...]:
    """The links of every casualty span, in the order of `spans`.

    `counts[i]` is what `spans[i]` counts (None for other spans); without it the numbers are read here.
    `model` stands in for the embedded weights.
    Nothing is raised for spans that overlap, are out of order or lie outside the text.
    """
    scene = Scene.of(read(text, spans, count(text, spans) if counts is None else counts))
    if not len(scene.which):
        return ()
    decided = _decisions(scene, model or weights())
    _root(decided)
    cut = _without_cycles(decided)
    found = [_links(scene, number, each, number in cut) for number, each in decided.items()]
    return tuple(sorted(found, key=lambda links: links.span))


def count(text: str, spans: Sequence[Span], policy: str = "none") -> list[Count | None]:
    """What each casualty span counts; None for the other spans, and for what holds no word."""
    return [
        numerals.parse(
            span.text,
            text[max(0, span.start - CONTEXT) : max(0, span.start)],
            text[span.end : span.end + CONTEXT],
            policy,
        )
        if is_casualty(span.label)
        else None
        for span in spans
    ]


# -- scores ----------------------------------------------------------------------------------------


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
class _Decision:
    """Targets (spans as sorted) and their probabilities, link by link, and the classes with theirs."""

    targets: dict[str, int]
    chances: dict[str, float]
    status: str
    victim: str
    certain: float


def _decisions(scene: Scene, model: Weights) -> dict[int, _Decision]:
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
        decided[number] = _Decision(targets, chances, *classes, certain)
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


# -- order among claims, evidence ------------------------------------------------------------------


def _root(decided: dict[int, _Decision]) -> None:
    """Let `same_as`, which always goes backwards, point to the first claim of its chain."""
    for number in sorted(decided):
        targets = decided[number].targets
        earlier = decided[targets["same_as"]].targets if "same_as" in targets else {}
        if "same_as" in earlier:
            targets["same_as"] = earlier["same_as"]


def _without_cycles(decided: dict[int, _Decision]) -> set[int]:
    """Drop a `part_of` of every ring of casualties that are parts of each other; those it was dropped of."""
    dropped: set[int] = set()
    for number in decided:
        seen, at = {number}, number
        while (total := decided[at].targets.get("part_of")) is not None and total not in seen:
            seen.add(total)
            at = total
        if total is not None:
            del decided[at].targets["part_of"]
            dropped.add(at)
    return dropped


def _links(scene: Scene, number: int, decision: _Decision, is_cut: bool) -> Links:
    place = scene.article.order
    targets = {name: place[target] for name, target in decision.targets.items()}
    chances = [decision.chances[name] for name in decision.targets]
    evidence = {name: _cue(scene, number, name, target) for name, target in decision.targets.items()}
    evidence["status"] = _cue(scene, number, decision.status, None)
    evidence["victim"] = _cue(scene, number, decision.victim, None)
    return Links(
        span=place[number],
        **{name: targets.get(name) for name in LINKS},
        status=decision.status,
        victim=decision.victim,
        score=min([decision.certain, *chances]),
        flags=("reference_cycle",) if is_cut else (),
        evidence=evidence,
    )


def _cue(scene: Scene, number: int, name: str, target: int | None) -> Cue:
    """The strongest cue of `EVIDENCE[name]` at the target (or the casualty), else `nearness` (`context`)."""
    article = scene.article
    at = number if target is None else target
    first, last = int(article.first[at]), int(article.last[at])
    reach = _REACH if target is not None else 3 * _REACH
    limits = range(EDGE, EDGE + len(article.offsets))
    order = (
        range(first, last + 1),
        range(first - 1, first - reach - 1, -1),
        range(last + 1, last + reach + 1),
    )
    sentence = article.sentence[first]
    near = [k for k in chain(*order) if k in limits and article.bits[k] and article.sentence[k] == sentence]
    for cue in EVIDENCE[name]:
        k = next((k for k in near if article.bits[k] & mask(cue)), None)
        if k is not None:
            return cue, *article.offsets[k - EDGE]
    span = article.spans[at]
    return "context" if target is None else "nearness", span.start, span.end
