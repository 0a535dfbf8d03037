"""Spellings of armed parties -> one identity each, with its dates of validity.

`load().resolve(name)` reads the raw text of one ACTOR span; `resolve_all(names)` the spans of one
article in order, so that `التنظيم` is the group named before it and `الجيش` the army of the country told
of. The parties stand in `actors.tsv`; `actornames.py` says what a name can mean, this module which of
that is meant. It finds no spans, and what neither a table nor the article decides is `None`:
candidates are ranked by date, by who was named before and by country, never by fame.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hasila.actornames import Names, Reading
from hasila.parties import Actor, Force

# There is no Palestinian army: without a nation, one in an article about Palestine is Israel's.
_ARMY_OF = {"PS": "IL"}

Rank = tuple[bool, int, tuple[int, int], int, int]


@dataclass(frozen=True, slots=True)
class _Scene:
    """What the article tells: its days, its countries, and the parties named, nearest first.

    `homes` are the countries of the parties named, after those the caller gave. A party named comes with
    the class noun it was named with (`تنظيم`), if any.
    """

    since: dt.date | None
    until: dt.date | None
    countries: tuple[str, ...]
    homes: tuple[str, ...] = ()
    named: tuple[tuple[Actor, str | None], ...] = ()


class Actors:
    """Resolves the names of armed parties. Build it with `load`."""

    def __init__(self, names: Names) -> None:
        self._names = names
        self._read = functools.lru_cache(4096)(names.read)

    def get(self, id: str) -> Actor | None:
        """The party with this id, composed ones (`xx-police`) included; `None` if there is none."""
        if id in self._names.rows:
            return self._names.rows[id]
        for force in self._names.forces.values():
            nation = id.removesuffix(f"-{force.suffix}").upper()
            if nation in self._names.countries and id == f"{nation.lower()}-{force.suffix}":
                return self._composed(nation, force)
        return None

    def __iter__(self) -> Iterator[Actor]:
        return iter(self._names.rows.values())

    def resolve(
        self,
        name: str,
        *,
        date: dt.date | None = None,
        context: Sequence[str] = (),
        country: str | None = None,
    ) -> str | None:
        """The id of the party that `name`, the raw text of an ACTOR span, stands for; else `None`.

        `context` holds ids of parties named before it, latest last; `country` (ISO 3166-1 alpha-2) is
        where it acts.
        """
        known = [actor for actor in map(self.get, reversed(context)) if actor is not None]
        scene = _Scene(date, date, (country,) if country else (), named=tuple((a, None) for a in known))
        actor = self._choose(self._read(name), scene)
        return actor.id if actor else None

    def resolve_all(
        self, names: Sequence[str], date: dt.date | None = None, countries: Sequence[str] = ()
    ) -> list[str | None]:
        """Ids for the ACTOR spans of one article, in order; `countries` are its ISO codes, commonest first.

        Names come first; descriptions (`التنظيم`, `الجيش`) after them, from what was named before, and
        from what was named later only where nothing before serves. Without a date, a party named says
        that the article is not older than it.
        """
        readings = [self._read(name) for name in names]
        scene = _Scene(date, date, tuple(countries))
        found: list[Actor | None] = []
        # Twice: the dates of the parties found first may rule out some that bear the same name.
        for _ in range(1 if date else 2):
            found = [self._choose(reading, scene) if reading.is_name else None for reading in readings]
            scene = _informed(scene, found)
        for index, reading in enumerate(readings):
            if found[index] is None:
                before = _named(readings, found, range(index - 1, -1, -1))
                after = _named(readings, found, range(index + 1, len(names)))
                found[index] = self._choose(reading, replace(scene, named=before + after))
        return [actor.id if actor else None for actor in found]

    def _choose(self, reading: Reading, scene: _Scene) -> Actor | None:
        if len(set(reading.nations)) > 1 and not reading.rows:
            return None
        if reading.alone:
            for actor, noun in scene.named:
                if reading.noun in (noun, *actor.classes):
                    return actor
        ranked = sorted(self._candidates(reading, scene), key=lambda candidate: candidate[0])
        if not ranked:
            return None
        (best, first), *others = ranked
        equals = [actor for rank, actor in others if rank[:-1] == best[:-1]]
        return None if any(actor.countries[:1] != first.countries[:1] for actor in equals) else first

    def _candidates(self, reading: Reading, scene: _Scene) -> Iterator[tuple[Rank, Actor]]:
        hints = reading.nations or (*scene.countries, *scene.homes)
        named = [actor.id for actor, _ in scene.named]
        for order, (actor, weak) in enumerate(reading.rows):
            fits = actor.fits(scene.since, scene.until)
            place = _place(actor.countries, hints)
            turn = named.index(actor.id) if actor.id in named else len(named)
            evident = place[0] < len(hints) or turn < len(named)
            if weak and not (fits and evident):
                continue
            yield (not fits, turn if weak else 0, place, int(weak), order), actor
        force = self._force(reading, scene)
        if force is not None:
            yield (False, len(named), _place(force.countries, hints), 2, len(reading.rows)), force

    def _force(self, reading: Reading, scene: _Scene) -> Actor | None:
        """The body of a state that the reading names, of the nation that it or the article tells."""
        if reading.body is None:
            return None
        force = self._names.forces[reading.body]
        nation = reading.nations[0] if reading.nations else self._home(force, scene)
        if nation not in self._names.countries:
            return None
        for actor in self._names.rows.values():
            mine = actor.body == force.body and actor.countries[0] == nation
            if mine and actor.fits(scene.since, scene.until):
                return actor
        return self._composed(nation, force)

    def _home(self, force: Force, scene: _Scene) -> str | None:
        """The article's first country, unless only another of its countries has this body named."""
        military = "army" in (force.body, force.parent)
        countries = [_ARMY_OF.get(c, c) if military else c for c in scene.countries or scene.homes]
        owners = [actor.countries[0] for actor, _ in scene.named if actor.body == force.body]
        if not countries:
            return owners[0] if owners else None
        if countries[0] in owners:
            return countries[0]
        return next((owner for owner in owners if owner in countries), countries[0])

    def _composed(self, nation: str, force: Force) -> Actor:
        prefix = nation.lower()
        return Actor(
            id=f"{prefix}-{force.suffix}",
            name=f"{self._names.countries[nation]}: {force.name}",
            arabic="",
            countries=(nation,),
            side="government",
            kind=force.kind,
            parent=f"{prefix}-{self._names.forces[force.parent].suffix}" if force.parent else None,
            body=force.body,
        )


@functools.cache
def load() -> Actors:
    """The resolver over the tables beside this module, read once."""
    return Actors(Names())


def _place(countries: Sequence[str], hints: Sequence[str]) -> tuple[int, int]:
    """Where the best of a party's countries stands among `hints` (their number: nowhere) and its own."""
    places = ((hints.index(country), turn) for turn, country in enumerate(countries) if country in hints)
    return min(places, default=(len(hints), 0))


def _named(
    readings: Sequence[Reading], found: Sequence[Actor | None], order: range
) -> tuple[tuple[Actor, str | None], ...]:
    return tuple((actor, readings[i].noun) for i in order if (actor := found[i]) is not None)


def _informed(scene: _Scene, found: Sequence[Actor | None]) -> _Scene:
    """The scene with what the parties found tell of its days and countries."""
    actors = [actor for actor in found if actor and actor.countries]
    homes = Counter(actor.countries[0] for actor in actors if actor.body)
    others = Counter(actor.countries[0] for actor in actors)
    order = [country for counter in (homes, others) for country, _ in counter.most_common()]
    begun = [actor.valid_from for actor in actors if actor.valid_from]
    return replace(
        scene,
        since=scene.until or max(begun, default=None),
        homes=tuple(dict.fromkeys(order)),
    )
