"""The tolls that the claims of one article tell, each once, with all that the article says of it.

Claims that tell one toll (`same_as`) become one; a part (`part_of`) is not counted beside its total, and
parts that add up to it stand in its place, since they know more. What a toll lacks it has from its
retellings and its total. Only asserted claims of harm are read. Which tolls are one event is for `events.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from hasila import actors
from hasila.arabic import fold_text, without_clitics
from hasila.document import Casualty, Document, Interval, Place
from hasila.figures import Figures, figures

HARM = ("KILLED", "INJURED", "CASUALTY")
PRECISIONS = ("facility", "quarter", "town", "district", "governorate", "country")
_CIVILIAN = frozenset(("civilian", "child", "woman"))
_STATE = frozenset(("state_forces", "police", "security", "intelligence", "special_forces"))


@dataclass(frozen=True, slots=True)
class Party:
    """A side: one identity of `actors.tsv`, or a party that the article names and the table lacks."""

    name: str
    id: str | None = None
    kind: str | None = None
    country: str | None = None

    @property
    def is_state(self) -> bool:
        """Whether it is a body of a state, recognised or not."""
        return self.kind in _STATE


CIVILIANS = Party("Civilians", kind="civilians")


@dataclass(frozen=True, slots=True)
class Toll:
    """People harmed in one way in one event, however often the article says so.

    `claims` are the records that tell it, in order. `victims` is their party, CIVILIANS or None (unknown).
    `cause` tells the words for one event apart; `words` are the texts of its EVENT and WEAPON spans.
    `shares` splits a toll whose victims are unknown among those that its parts name; a number is None where
    the text gives none.
    """

    claims: tuple[Casualty, ...]
    outcome: str
    figures: Figures
    by: Party | None = None
    victims: Party | None = None
    place: Place | None = None
    date: Interval | None = None
    words: tuple[str, ...] = ()
    cause: str = ""
    shares: tuple[tuple[Party | None, int | None], ...] = ()


def read(document: Document) -> list[Toll]:
    """Every toll that the article tells, once, in the order of the text."""
    told = {c.span: c for c in document.casualties if c.status == "asserted" and c.label in HARM}
    chains: dict[int, list[Casualty]] = {}
    for claim in sorted(told.values(), key=lambda claim: claim.start):
        chains.setdefault(_first(claim, told), []).append(claim)
    totals = _totals(chains, told)
    tolls = {root: _toll(document, root, chains, totals) for root in chains}
    parts: dict[int, list[int]] = {}
    for root, total in totals.items():
        if tolls[root].outcome == tolls[total].outcome == "KILLED":
            parts.setdefault(total, []).append(root)
    inside = {root for roots in parts.values() for root in roots}
    counted = [part for root in chains if root not in inside for part in _spread(root, tolls, parts)]
    return [_shared(tolls[root], [tolls[part] for part in parts.get(root, ())]) for root in counted]


def _first(claim: Casualty, told: dict[int, Casualty]) -> int:
    """The span of the first claim of the same toll; of a ring of references, the least."""
    seen = [claim.span]
    while claim.same_as is not None:
        earlier = told.get(claim.same_as)
        if earlier is None or earlier.label != claim.label:
            break
        if earlier.span in seen:
            return min(seen[seen.index(earlier.span) :])
        seen.append(earlier.span)
        claim = earlier
    return claim.span


def _totals(chains: dict[int, list[Casualty]], told: dict[int, Casualty]) -> dict[int, int]:
    """The toll that each toll is part of; a reference that would close a ring is left out."""
    totals: dict[int, int] = {}
    for root, claims in chains.items():
        targets = (told.get(claim.part_of) for claim in claims if claim.part_of is not None)
        for total in (_first(target, told) for target in targets if target is not None):
            if root not in (total, *_above(total, totals)):
                totals[root] = total
                break
    return totals


def _above(root: int, totals: dict[int, int]) -> Iterator[int]:
    while root in totals:
        root = totals[root]
        yield root


def _spread(root: int, tolls: dict[int, Toll], parts: dict[int, list[int]]) -> list[int]:
    """The toll, or its parts where they are exact numbers that add up to it."""
    inside = [tolls[part].figures for part in parts.get(root, ())]
    whole = tolls[root].figures
    exact = len(inside) > 1 and all(one.is_exact for one in (whole, *inside))
    if not exact or sum(one.low for one in inside) != whole.low:
        return [root]
    return [least for part in parts[root] for least in _spread(part, tolls, parts)]


def _shared(toll: Toll, parts: Sequence[Toll]) -> Toll:
    """The toll with its shares, where its victims are unknown and its parts name theirs."""
    named = [(part.victims, part.figures.best) for part in parts if part.victims is not None]
    if toll.victims is not None or not named:
        return toll
    numbers = [number for _, number in named if number is not None]
    best = toll.figures.best
    if best is None or len(numbers) < len(named):
        return replace(toll, shares=(*named, (None, None)))
    rest = best - sum(numbers)
    return toll if rest < 0 else replace(toll, shares=(*named, (None, rest)))


def _toll(document: Document, root: int, chains: dict[int, list[Casualty]], totals: dict[int, int]) -> Toll:
    """A toll with what its own claims say, and what they do not from the totals above it."""
    own = chains[root]
    lines = [own, *(chains[total] for total in _above(root, totals))]
    claims = [claim for line in lines for claim in line]
    causes = [claim.event for claim in claims if claim.event is not None]
    return Toll(
        tuple(own),
        own[0].label,
        figures(document, own),
        next(filter(None, (_by(document, claim) for claim in claims)), None),
        next(filter(None, (_victims(document, claim) for claim in claims)), None),
        next(filter(None, (_place(line) for line in lines)), None),
        next(filter(None, (_date(line) for line in lines)), None),
        next(filter(None, (_words(document, line) for line in lines)), ()),
        _cause(document.spans[causes[0]].text) if causes else "",
    )


def _by(document: Document, claim: Casualty) -> Party | None:
    return _party(document, claim.by_actor, claim.by)


def _victims(document: Document, claim: Casualty) -> Party | None:
    party = _party(document, claim.of_actor, claim.of)
    return party or (CIVILIANS if claim.victim in _CIVILIAN else None)


def _party(document: Document, identity: str | None, link: int | None) -> Party | None:
    actor = actors.load().get(identity) if identity else None
    if actor is not None:
        return Party(actor.name, actor.id, actor.kind, actor.countries[0] if actor.countries else None)
    return None if link is None else Party(document.spans[link].text)


def _place(claims: Iterable[Casualty]) -> Place | None:
    """The most exact place of the claims, of equals the first."""
    places = [claim.place for claim in claims if claim.place is not None]
    return min(places, key=lambda place: _breadth(place.precision), default=None)


def _breadth(precision: str) -> int:
    return PRECISIONS.index(precision) if precision in PRECISIONS else len(PRECISIONS)


def _date(claims: Iterable[Casualty]) -> Interval | None:
    """The shortest interval of the claims, of equals the first."""
    dates = [claim.date for claim in claims if claim.date is not None]
    return min(dates, key=days, default=None)


def days(date: Interval) -> float:
    """How many calendar days an interval covers; infinite where an end is open."""
    return float("inf") if date.start is None or date.end is None else (date.end - date.start).days + 1


def _words(document: Document, claims: Iterable[Casualty]) -> tuple[str, ...]:
    links = (link for claim in claims for link in (claim.event, claim.weapon) if link is not None)
    return tuple(dict.fromkeys(document.spans[link].text for link in links))


def _cause(event: str) -> str:
    """The first word of an EVENT span without clitics: `والغارات` and `غارات جوية` name one cause."""
    first = fold_text(event).split()[:1]
    return min(without_clitics(first[0]), key=len) if first else ""
