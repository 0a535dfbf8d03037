"""What the terms of a date phrase say together: which number is a day, which a year, which counts.

`read` sorts terms into a `Reading` and passes over those of kind `other`. It knows neither the calendar nor
the day of publication: that is the work of `daterules.py`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from itertools import pairwise

from hasila.dateterms import NUMBERS, Term

_YEARS = range(1000, 2200)


@dataclass(frozen=True, slots=True)
class Point:
    """A calendar day, month or year as far as it is named; `hijri` tells which calendar."""

    day: int | None = None
    month: int | None = None
    year: int | None = None
    hijri: bool = False


@dataclass(slots=True)
class Reading:
    """What a date phrase says, sorted. `numbers` are those that found no place: (value, kind of term)."""

    points: list[Point] = field(default_factory=list)
    weekdays: list[int] = field(default_factory=list)
    periods: list[str] = field(default_factory=list)
    numbers: list[tuple[int, str]] = field(default_factory=list)
    unit: str | None = None
    count: Fraction | None = None
    counted: bool = False
    offset: int | None = None
    anaphor: int | None = None
    direction: str | None = None
    third: str | None = None
    season: int | None = None
    decade: int | None = None
    feast: str | None = None
    fraction: Fraction | None = None
    cue: str | None = None
    same: bool = False
    part: bool = False
    eve: bool = False
    ranged: bool = False


def read(terms: list[Term]) -> Reading:
    """The reading of a phrase's terms. Raises ValueError where two month names contradict each other."""
    reading = Reading()
    previous = Term("", "")
    for term, after in pairwise([*terms, Term("", "")]):
        if term.kind in NUMBERS:
            _read_number(reading, term, previous, after)
        elif term.kind in ("month", "hijri"):
            _read_month(reading, term, previous)
        elif term.kind == "unit":
            _read_unit(reading, term, previous)
        elif term.kind in _READERS:
            _READERS[term.kind](reading, term)
        if term.kind not in ("skip", "other"):
            previous = term
    _settle(reading)
    return reading


def _read_number(reading: Reading, term: Term, previous: Term, after: Term) -> None:
    value = term.number
    if previous.kind == "clock":
        reading.part = True
    elif after.kind == "unit":
        reading.numbers.append((value, term.kind))
    elif value in _YEARS or (value >= 100 and _names_year(previous)) or after.kind == "era":
        _read_year(reading, value)
    else:
        reading.numbers.append((value, term.kind))


def _names_year(term: Term) -> bool:
    return (term.kind, term.value) in (("unit", "year 1"), ("period", "year"), ("range", "0"))


def _read_year(reading: Reading, year: int) -> None:
    """Give the year to every point that lacks one; where none does, it is a point itself."""
    if all(point.year is not None for point in reading.points):
        reading.points.append(Point(year=year))
    else:
        reading.points = [point if point.year else replace(point, year=year) for point in reading.points]


def _read_month(reading: Reading, term: Term, previous: Term) -> None:
    month, hijri = term.number, term.kind == "hijri"
    days: list[int | None] = [] if _counts_weeks(reading) else [*_take_numbers(reading)]
    last = reading.points[-1] if reading.points else None
    if last is not None and last.month and not days and last.hijri == hijri and previous.kind != "to":
        if last.month == month:
            return
        if not term.joined:
            raise ValueError(f"months {last.month} and {month} in one date")
    year = None
    if (
        last is not None
        and not last.month
        and last.hijri == hijri
        and not term.joined
        and previous.kind != "to"
    ):
        year = reading.points.pop().year
    reading.points += [Point(day, month, year, hijri) for day in days or [None]]


def _counts_weeks(reading: Reading) -> bool:
    """Whether the number counts weeks or weekdays of the month, as in `الأسبوع الأول من`."""
    kind = reading.numbers[-1][1] if reading.numbers else ""
    if reading.weekdays:
        return kind == "ordf"
    return kind in ("ord", "ordf") and (
        "week" in (reading.unit, *reading.periods) or reading.fraction is not None
    )


def _take_numbers(reading: Reading) -> list[int]:
    days = [value for value, _ in reading.numbers]
    reading.numbers.clear()
    return days


def _read_date(reading: Reading, term: Term) -> None:
    parts = [int(part) for part in re.findall(r"\d+", term.value)]
    if len(parts) == 2:
        reading.points.append(Point(parts[0], parts[1]))
        return
    day, month, year = parts if parts[0] < 100 else reversed(parts)
    if month > 12 >= day:
        day, month = month, day
    missing = [point for point in reading.points if point.year is None]
    reading.points = [replace(point, year=year) if point in missing else point for point in reading.points]
    reading.points.append(Point(day, month, year))


def _read_unit(reading: Reading, term: Term, previous: Term) -> None:
    unit, _, count = term.value.partition(" ")
    if unit == "minute" and reading.part:
        return
    reading.unit = unit
    if reading.numbers and reading.numbers[-1][1] in ("num", "digits") and previous.kind != "of":
        reading.count, reading.counted = Fraction(reading.numbers.pop()[0]), True
    elif count:
        reading.count, reading.counted = Fraction(int(count)), count == "2"
    # `نصف عام` is a count, `النصف الأول من شهر` is not.
    if reading.fraction is not None and not reading.counted and not reading.numbers:
        reading.count, reading.counted, reading.fraction = reading.fraction, True, None


def _read_fraction(reading: Reading, term: Term) -> None:
    if term.joined and reading.count is not None:
        reading.count += Fraction(term.value)
        reading.counted = True
    else:
        reading.fraction = Fraction(term.value)


def _read_period(reading: Reading, term: Term) -> None:
    # The noun after a fraction repeats the unit: `شهر ونصف الشهر`.
    if reading.unit != term.value or not reading.counted:
        reading.periods.append(term.value)


def _read_direction(reading: Reading, term: Term) -> None:
    if term.value == "same":
        reading.same = True
    else:
        reading.direction = term.value


def _read_era(reading: Reading, term: Term) -> None:
    if term.value == "hijri" and reading.points:
        reading.points[-1] = replace(reading.points[-1], hijri=True)


def _read_simple(reading: Reading, term: Term) -> None:
    value = term.value if term.kind in ("third", "feast") else term.number
    setattr(reading, term.kind, value)


def _read_flag(reading: Reading, term: Term) -> None:
    setattr(reading, _FLAGS[term.kind], True)


def _read_weekday(reading: Reading, term: Term) -> None:
    reading.weekdays.append(term.number)


def _read_cue(reading: Reading, term: Term) -> None:
    reading.cue = reading.cue or term.value


def _is_count(reading: Reading) -> bool:
    value, kind = reading.numbers[-1] if reading.numbers else (0, "")
    open_unit = reading.unit is not None and not reading.counted
    return open_unit and kind in ("num", "digits") and reading.count in (None, value)


def _settle(reading: Reading) -> None:
    """Find a use for the numbers left over: a day of `الشهر الجاري`, or the count of `الأيام الثلاثة`."""
    small = [value for value, _ in reading.numbers]
    if "month" in reading.periods and small and not reading.points and not _counts_weeks(reading):
        reading.points += [Point(day) for day in _take_numbers(reading)]
    elif _is_count(reading):
        reading.count, reading.counted = Fraction(small[-1]), True


_FLAGS = {"part": "part", "clock": "part", "eve": "eve", "range": "ranged", "to": "ranged"}
_READERS: dict[str, Callable[[Reading, Term], None]] = {
    **dict.fromkeys(("offset", "anaphor", "third", "season", "decade", "feast"), _read_simple),
    **dict.fromkeys(_FLAGS, _read_flag),
    "weekday": _read_weekday,
    "date": _read_date,
    "half": _read_fraction,
    "period": _read_period,
    "direction": _read_direction,
    "era": _read_era,
    "cue": _read_cue,
}
