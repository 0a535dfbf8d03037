"""Why a link, a status or a victim class was decided: the cue that stands nearest, or nearness itself."""

from __future__ import annotations

from itertools import chain

from hasila.article import EDGE, mask
from hasila.pairs import Scene

Cue = tuple[str, int, int]

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


def find(scene: Scene, number: int, name: str, target: int | None) -> Cue:
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
