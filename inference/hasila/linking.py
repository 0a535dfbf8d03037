"""Which party, place, day, source, total, earlier toll, event and weapon belong to a casualty span, and
whether it happened and to whom.

The learned `linker` decides each link by itself; here their answers are made to fit each other (a toll told
again points to the first of its chain, no ring of parts), and get their evidence. Numbers, dates and places
are not read here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hasila import evidence, numerals
from hasila.article import read
from hasila.document import Count, Span
from hasila.evidence import Cue
from hasila.labels import LINKS, is_casualty
from hasila.linker import Decision, Weights, decisions, weights
from hasila.pairs import Scene

CONTEXT = 60  # characters around a casualty span that its number may depend on


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
    decided = decisions(scene, model or weights())
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


def _root(decided: dict[int, Decision]) -> None:
    """Let `same_as`, which always goes backwards, point to the first claim of its chain."""
    for number in sorted(decided):
        targets = decided[number].targets
        earlier = decided[targets["same_as"]].targets if "same_as" in targets else {}
        if "same_as" in earlier:
            targets["same_as"] = earlier["same_as"]


def _without_cycles(decided: dict[int, Decision]) -> set[int]:
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


def _links(scene: Scene, number: int, decision: Decision, is_cut: bool) -> Links:
    place = scene.article.order
    targets = {name: place[target] for name, target in decision.targets.items()}
    chances = [decision.chances[name] for name in decision.targets]
    cues = {name: evidence.find(scene, number, name, target) for name, target in decision.targets.items()}
    cues["status"] = evidence.find(scene, number, decision.status, None)
    cues["victim"] = evidence.find(scene, number, decision.victim, None)
    return Links(
        span=place[number],
        **{name: targets.get(name) for name in LINKS},
        status=decision.status,
        victim=decision.victim,
        score=min([decision.certain, *chances]),
        flags=("reference_cycle",) if is_cut else (),
        evidence=cues,
    )
