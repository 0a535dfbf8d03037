"""Arabic place names -> a place with its unit, country and coordinates, from `places.tsv` beside it.

`resolve_all` reads the LOCATION spans of one article together: among several places of one name, those
of the countries and units that the article's other places are in win, then the better known one. A
name that nothing supports stays `None`, and so does a name that is in no list.

Not done here: boundaries (a place is a point), facilities, nationalities, names of other times.

What a place's coordinates stand for is its `precision`. A quarter or village whose own are not known
has those of its town, district or governorate, with that precision. A class noun can widen it (`قضاء`
X is a district though X is a town). A region inside a country is `governorate`; mountains and valleys
are `district`; seas, rivers and parts of the world are `country` without a country or coordinates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from importlib.resources import files

from hasila.document import Place
from hasila.namesakes import FAMOUS, KNOWN, Option, Votes, choose, clear
from hasila.placenames import key, readings, relative

__all__ = ["Gazetteer", "key", "load"]

# Which kinds of place a class noun may stand before at all; the first suit it best.
_FITS: dict[str, tuple[str, ...]] = {
    "governorate": ("governorate", "region", "district", "town"),
    "district": ("district", "town", "village", "quarter"),
    "area": ("district", "quarter", "region", "village", "town", "natural", "settlement", "governorate"),
    "town": ("town", "village", "district", "governorate"),
    "village": ("village", "town", "district", "settlement", "quarter"),
    "quarter": ("quarter", "village", "town", "district", "camp"),
    "camp": ("camp",),
    "settlement": ("settlement", "town", "village"),
    "natural": ("natural", "water", "region", "district", "village"),
    "rural": ("governorate", "town", "district"),
    "around": ("town", "governorate", "district", "village", "quarter", "natural", "region", "camp"),
    "state": ("country",),
}
# Nouns of small places: they do not stand before the name of a famous one, but before its namesake.
_SMALL = frozenset(("district", "village", "quarter", "camp", "settlement", "natural"))
# Nouns that make of a place the land around it.
_WIDE = frozenset(("district", "rural", "governorate", "around"))
_FINE = frozenset(("quarter", "town"))
# What a bare name loses as a unit's: `مأرب` is rather the city, if that is known, than its governorate.
_UNIT = 2.5
# A misfit from here on says that the known place of the name is hardly the small one that the noun names.
_ILL = 3.0
# How far below the best a namesake may stand to be thought of where no noun says that it is small.
_BELOW = 5


class Gazetteer:
    """The places of `places.tsv`. Use `load()`, which reads them once.

    Raises ValueError where a line has not eleven fields.
    """

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._index: dict[str, list[int]] = {}
        self._rows: dict[int, tuple[Place, str, int]] = {}
        for number, line in enumerate(lines):
            for name in line.split("\t", 3)[2].split("|"):
                self._index.setdefault(name, []).append(number)

    def __len__(self) -> int:
        return len(self._lines)

    def resolve(self, name: str, context: Iterable[str | Place] = ()) -> Place | None:
        """The place that the LOCATION span `name` means, given the other places of its text."""
        context = list(context)
        names = [other for other in context if isinstance(other, str)]
        places = [other for other in context if isinstance(other, Place)]
        return self.resolve_all([*names, name], places)[-1]

    def resolve_all(self, names: Sequence[str], known: Iterable[Place] = ()) -> list[Place | None]:
        """The places of one article's LOCATION spans, in the order of the text; `None` is unresolved.

        `known` are places that the article is known to tell of, besides those named.
        """
        options = {name: self._options(name) for name in names}
        votes = Votes(names, known)
        chosen = {name: clear(found) for name, found in options.items()}
        for _ in range(3):
            votes.count(chosen)
            chosen = {name: choose(name, found, votes) for name, found in options.items()}
        places: list[Place | None] = []
        for name in names:
            option = chosen[name]
            places.append(_widened(option) if option else self._relative(name, places))
        return places

    def _options(self, name: str) -> list[Option]:
        """What `name` may mean, by every reading of it; each place once, with the reading that fits best."""
        found: dict[int, Option] = {}
        for reading in readings(name):
            rows = [(number, *self._row(number)) for number in self._index.get(reading.key, ())]
            towns = {place.country for _, place, kind, _ in rows if kind == "town"}
            for number, place, kind, rank in rows:
                misfit = _misfit(kind, rank, reading.noun)
                if kind == "governorate" and not reading.noun and place.country in towns:
                    misfit = _UNIT
                if misfit is not None and number not in found:
                    known = min(rank, KNOWN - 1) if reading.noun in _SMALL and misfit >= _ILL else rank
                    found[number] = Option(place, kind, known, reading.noun, reading.cost + misfit)
        options = list(found.values())
        if any(not option.noun and option.rank >= KNOWN for option in options):
            # `ريف دمشق` and `مدينة الصدر` are names as they stand: what follows the noun is not meant.
            options = [option for option in options if not option.noun]
        best = max((o.rank - o.cost for o in options if o.noun not in _SMALL), default=0.0)
        return [o for o in options if o.noun in _SMALL or best < FAMOUS or o.rank - o.cost > best - _BELOW]

    def _row(self, number: int) -> tuple[Place, str, int]:
        row = self._rows.get(number)
        if row is None:
            fields = self._lines[number].split("\t")
            code, name, _, kind, precision, lat, lon, admin1, country, rank, _ = fields
            point = (float(lat), float(lon)) if lat else (None, None)
            place = Place(name, code, point[0], point[1], admin1 or None, country or None, precision)
            row = self._rows[number] = place, kind, int(rank)
        return row

    def _relative(self, name: str, before: Sequence[Place | None]) -> Place | None:
        """What `بالريف الغربي` or `الأحياء الشرقية` is a part of: the place named last before it."""
        kind = relative(name)
        places = [place for place in before if place is not None and place.precision != "country"]
        if kind is None or not places:
            return None
        last = places[-1]
        if kind == "urban":
            return last if last.precision == "town" else None
        for number in self._index.get(key(last.admin1 or ""), ()):
            place, what, _ = self._row(number)
            if what == "governorate" and place.country == last.country:
                return place
        return None


def _misfit(kind: str, rank: int, noun: str) -> float | None:
    """How ill a place of `kind` suits the class noun before its name; `None`: it cannot stand there."""
    fits = _FITS.get(noun)
    if fits is None:
        return 0.0
    if kind not in fits:
        return None
    if noun in _SMALL and rank >= FAMOUS and kind not in (fits[0], "region", "governorate"):
        return None
    return 1.5 * fits.index(kind)


def _widened(option: Option) -> Place:
    if option.noun in _WIDE and option.place.precision in _FINE:
        return replace(option.place, precision="district")
    return option.place


@cache
def load() -> Gazetteer:
    """The gazetteer of the package, read once."""
    text = files("hasila").joinpath("places.tsv").read_text(encoding="utf-8")
    return Gazetteer(text.splitlines()[1:])
