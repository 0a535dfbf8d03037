"""The events that the claims of one article tell: one for each place, day and pair of parties.

`read` groups the tolls of `tolls.py`: what happened at one place on one day between the same two sides is
one event. It reads one article and never joins several. How a codebook writes an event down is for
`acled.py` and `ged.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from hasila import tolls
from hasila.document import Casualty, Document, Interval, Place
from hasila.rows import quoted
from hasila.tolls import CIVILIANS, Party, Toll

Scene = tuple[tuple[str | None, ...] | None, Interval | None]
Pair = frozenset[Party]


@dataclass(frozen=True, slots=True)
class Event:
    """One place, day and pair of sides. `side_a` is held responsible where one is; both are armed.

    A side that the article does not tell is None; `targets_civilians` says that civilians are one of the two.
    """

    document: Document
    place: Place | None
    date: Interval | None
    side_a: Party | None
    side_b: Party | None
    targets_civilians: bool
    tolls: tuple[Toll, ...]

    @property
    def deaths(self) -> tuple[Toll, ...]:
        """The tolls of people killed."""
        return tuple(toll for toll in self.tolls if toll.outcome == "KILLED")

    @property
    def harms_civilians(self) -> bool:
        """Whether civilians are among the victims, aimed at or not."""
        return any(CIVILIANS in (toll.victims, *(side for side, _ in toll.shares)) for toll in self.tolls)

    @property
    def words(self) -> tuple[str, ...]:
        """The texts of its EVENT and WEAPON spans."""
        return tuple(dict.fromkeys(word for toll in self.tolls for word in toll.words))

    @property
    def claims(self) -> tuple[Casualty, ...]:
        """The claims counted in it and their retellings, in the order of the text."""
        return tuple(sorted((c for toll in self.tolls for c in toll.claims), key=lambda c: c.start))

    @property
    def sources(self) -> tuple[str, ...]:
        """To whom the article attributes the counts."""
        told = (quoted(self.document, claim.source) for claim in self.claims)
        return tuple(dict.fromkeys(name for name in told if name is not None))


def read(document: Document) -> list[Event]:
    """The events of one article, in the order of the text."""
    told = tolls.read(document)
    groups: dict[tuple[Scene, Pair], list[Toll]] = {}
    for toll, pair in zip(told, _pairs(told), strict=True):
        groups.setdefault((_scene(toll), pair), []).append(toll)
    return [_event(document, pair, group) for (_, pair), group in groups.items()]


def _scene(toll: Toll) -> Scene:
    place = toll.place
    where = None if place is None else (place.id or place.name, place.admin1, place.country, place.precision)
    return where, toll.date


def _event(document: Document, pair: Pair, group: Sequence[Toll]) -> Event:
    armed = pair - {CIVILIANS}
    named = dict.fromkeys(side for toll in group for side in _sides(toll) if side in armed)
    held = [toll.by for toll in group if toll.by in armed]
    first = held[0] if held else (next(iter(named)) if len(named) > 1 else None)
    other = next((side for side in named if side != first), None)
    place, date = group[0].place, group[0].date
    return Event(document, place, date, first, other, CIVILIANS in pair, tuple(group))


def _pairs(told: Sequence[Toll]) -> list[Pair]:
    """The two sides of each toll's event, or as many as the article tells.

    Where the tolls of one cause at one known place and day know two armed parties, these are the sides of
    all. A toll that knows fewer than two joins the only full pair of its place and day, unless it names
    another cause.
    """
    pairs = [frozenset(_sides(toll)) for toll in told]
    armed: dict[tuple[Scene, str], Pair] = {}
    for toll, pair in zip(told, pairs, strict=True):
        if toll.place is not None and toll.cause:
            cause = (_scene(toll), toll.cause)
            armed[cause] = armed.get(cause, frozenset()) | (pair - {CIVILIANS})
    for index, toll in enumerate(told):
        sides = armed.get((_scene(toll), toll.cause), frozenset())
        pairs[index] = sides if len(sides) == 2 else pairs[index]
    full: dict[Scene, set[tuple[str, Pair]]] = {}
    for toll, pair in zip(told, pairs, strict=True):
        if toll.place is not None and len(pair) == 2:
            full.setdefault(_scene(toll), set()).add((toll.cause, pair))
    return [
        pair if len(pair) > 1 else _completed(toll, pair, full.get(_scene(toll), set()))
        for toll, pair in zip(told, pairs, strict=True)
    ]


def _sides(toll: Toll) -> list[Party]:
    """Who is held responsible and whose the victims are: of a mixed toll, the one armed party in it."""
    armed = dict.fromkeys(side for side, _ in toll.shares if side not in (CIVILIANS, None))
    victims = toll.victims or (next(iter(armed)) if len(armed) == 1 else None)
    return [side for side in (toll.by, victims) if side is not None]


def _completed(toll: Toll, pair: Pair, full: AbstractSet[tuple[str, Pair]]) -> Pair:
    """The one full pair that the sides known may belong to; the sides as they are where it is not one."""
    fitting = {
        other for cause, other in full if pair < other and (not toll.cause or cause in ("", toll.cause))
    }
    return fitting.pop() if len(fitting) == 1 else pair
