"""Which of several places of one name an article means: its other places vote for their country and unit.

`clear` says what a name means by itself, `choose` what it means among the others. Nothing here knows
words: an `Option` is a place that a name may mean, with how well known it is and how ill the name fits.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hasila.document import Place

# The scale of ranks is in training/place_sources.py. From FAMOUS on a name needs nothing beside it.
FAMOUS, KNOWN = 7, 4
_NAMED = 2  # Below it is a name that only its unit beside it tells from a word.
_LEAD = 2  # By so much a known place leads those of its name abroad to be meant where no other place helps.
# What a name so many places after (before) says: `حي X في مدينة Y`, the place it lies in follows it.
_NEARNESS = ((1, 2.0), (-1, 1.0), (2, 0.75), (-2, 0.5))
_REGIONAL = frozenset(("country", "continent", "water"))

Unit = tuple[str | None, str | None]  # country and admin1


@dataclass(frozen=True, slots=True)
class Option:
    """A place that a name may mean, and how ill the name fits it."""

    place: Place
    kind: str
    rank: int
    noun: str
    cost: float

    @property
    def unit(self) -> Unit:
        return self.place.country, self.place.admin1


@dataclass(frozen=True, slots=True)
class Support:
    """What an article's other places say for one option: shares of its country, votes for its unit.

    `others` is how much they say about any country, `near` counts the names beside it in the same unit.
    """

    country: float
    unit: float
    near: float
    others: float


class Votes:
    """How much the places of an article speak for each country, and for each unit of it."""

    def __init__(self, names: Sequence[str], known: Iterable[Place]) -> None:
        self._counts = Counter(names)
        self._beside = _neighbours(names)
        self._known = [(place.country, place.admin1) for place in known if place.country]
        self.count({})

    def count(self, chosen: dict[str, Option | None]) -> None:
        """Take the votes anew: one for each place in `chosen`, up to three times if named often."""
        self._chosen = chosen
        self._weights: dict[str | None, float] = {}
        for name, option in chosen.items():
            if option is not None and option.place.country is not None:
                voice = 1.0 if option.rank >= KNOWN else 0.4 if option.rank >= _NAMED else 0.1
                weight = self._weights.get(option.place.id, 0.0) + voice * self._counts[name]
                self._weights[option.place.id] = min(weight, 3 * voice)
        units = {option.place.id: option.unit for option in chosen.values() if option}
        self._countries: defaultdict[str | None, float] = defaultdict(float)
        self._units: defaultdict[Unit, float] = defaultdict(float)
        for unit, weight in [(units[place], self._weights[place]) for place in self._weights] + [
            (unit, 2.0) for unit in self._known
        ]:
            self._countries[unit[0]] += weight
            self._units[unit] += weight

    def support(self, name: str, option: Option) -> Support:
        """What places other than `option` say for it, the one that `name` had before left out too."""
        place = option.place
        country, unit = self._countries[place.country], self._units[option.unit]
        others = sum(self._countries.values())
        same = {place.id: option.unit}
        if (own := self._chosen.get(name)) is not None:
            same[own.place.id] = own.unit
        for code, (its_country, its_admin1) in same.items():
            weight = self._weights.get(code, 0.0)
            others -= weight
            country -= weight * (its_country == place.country)
            unit -= weight * ((its_country, its_admin1) == option.unit)
        if place.country is None or others < 0.01:
            return Support(0.0, 0.0, 0.0, max(0.0, others))
        if place.admin1 is None:
            return Support(max(0.0, country) / others, 0.0, 0.0, others)
        near = sum(share for beside, share in self._beside[name].items() if self._is_beside(beside, option))
        return Support(max(0.0, country) / others, min(1.0, max(0.0, unit)), min(3.0, near), others)

    def _is_beside(self, name: str, option: Option) -> bool:
        other = self._chosen.get(name)
        return other is not None and other.unit == option.unit and other.place.name != option.place.name


def _neighbours(names: Sequence[str]) -> dict[str, dict[str, float]]:
    """For each name the names that stand one or two places from it, and how much each says of it."""
    beside: dict[str, dict[str, float]] = {name: {} for name in names}
    for index, name in enumerate(names):
        for step, share in _NEARNESS:
            other = index + step
            if 0 <= other < len(names) and names[other] != name:
                beside[name][names[other]] = max(share, beside[name].get(names[other], 0.0))
    return beside


def clear(options: Sequence[Option]) -> Option | None:
    """What a name means by itself, where one option leads the others by far or all agree on the country."""
    if not options:
        return None
    ordered = sorted(options, key=lambda option: option.cost - option.rank)
    countries = {option.place.country for option in options}
    lead = (
        ordered[0].rank - ordered[0].cost - (ordered[1].rank - ordered[1].cost) if len(ordered) > 1 else 9.0
    )
    return ordered[0] if len(countries) == 1 or lead >= 2.5 else None


def choose(name: str, options: Sequence[Option], votes: Votes) -> Option | None:
    """The option that the article speaks for most, among those that it supports at all."""
    best, best_score = None, -99.0
    for option in options:
        support = votes.support(name, option)
        score = option.rank - option.cost + 4 * support.country + (support.country > 0) + 3 * support.unit
        score += 2 * support.near
        if score > best_score and _is_supported(option, options, support):
            best, best_score = option, score
    return best


def _is_supported(option: Option, options: Sequence[Option], support: Support) -> bool:
    """Whether the article makes `option` credible enough to be told: the less known, the more it takes."""
    if option.rank >= FAMOUS or option.kind in _REGIONAL:
        return True
    abroad = [other.rank for other in options if other.place.country != option.place.country]
    if option.rank >= KNOWN:
        return support.country > 0 or option.rank >= max(abroad, default=0) + _LEAD
    namesakes = any(
        other.place.country == option.place.country and other.unit != option.unit for other in options
    )
    return support.unit > 0 or (option.rank >= _NAMED and support.country >= 0.1 and not namesakes)
