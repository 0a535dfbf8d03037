"""Times named by a unit or a name of the calendar: last week, three months ago, summer, a feast, a decade.

`Context` is what every rule of `daterules.py` reads a phrase against. Conventions are stated in `dates.py`.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from fractions import Fraction

from hasila import hijri, periods
from hasila.datereading import Reading
from hasila.document import Interval
from hasila.periods import DAY, PAST, STEPS, Unknown, nearest

_WEEK_STARTS = 5  # Saturday
_WEEK_PARTS = {"begin": (0, 1), "mid": (2, 4), "end": (5, 6)}
_DECADE_PARTS = {"begin": (0, 3), "mid": (4, 6), "end": (7, 9)}
_SEASON_PARTS = {"begin": (0, 1), "mid": (1, 2), "end": (2, 3)}


@dataclass(frozen=True, slots=True)
class Context:
    """What a phrase is read against: `told` is the day told last before it, `future` the tense."""

    published: dt.date | None
    future: bool = False
    told: dt.date | None = None

    @property
    def day(self) -> dt.date:
        """The day of publication. Raises Unknown where there is none."""
        if self.published is None:
            raise Unknown("no publication date")
        return self.published

    def direction(self, reading: Reading) -> str | None:
        """Where to look from publication. A deadline (`قبل الشتاء`) is ahead unless the phrase says not."""
        if reading.direction is not None:
            return reading.direction
        undated = not any(point.day for point in reading.points) and not reading.weekdays
        return "next" if self.future or (reading.cue == "ago" and undated) else None


def feast(reading: Reading, context: Context) -> Interval:
    """A feast by name, or the n-th day of it, in the year named or nearest."""
    form, *numbers = (reading.feast or "").split()
    month, number, length = map(int, numbers)
    ordinal = next((value for value, kind in reading.numbers if kind in ("ord", "ordf")), None)

    def make(year: int) -> Interval:
        first = hijri.day(year, month, number) if form == "h" else dt.date(year, month, number)
        if ordinal is not None:
            first += (ordinal - 1) * DAY
        if reading.eve:
            first -= DAY
        days = 1 if reading.eve or ordinal is not None else length
        return Interval(first, first + (days - 1) * DAY, "day" if days == 1 else "days")

    named = next((point.year for point in reading.points if point.year and not point.hijri), None)
    if named is not None and form == "h":
        year = hijri.year_at(dt.date(named, 1, 1))
        first = make(year)
        return first if first.start and first.start.year == named else make(year + 1)
    if named is not None:
        return make(named)
    return nearest(make, form == "h", context.direction(reading), context.day)


def season(reading: Reading, context: Context) -> Interval:
    """A season, or a third of it, of the year named or nearest."""
    month = reading.season or 0
    first, last = _SEASON_PARTS.get(reading.third or "", (0, 3))

    def make(year: int) -> Interval:
        # The winter of a year begins in December before it.
        start = dt.date(year - 1 if month == 12 else year, month, 1)
        return Interval(periods.moved(start, first), periods.moved(start, last) - DAY, "interval")

    years = [point.year for point in reading.points if point.year]
    if years:
        return make(years[-1])
    if "year" in reading.periods:
        return make(context.day.year + STEPS.get(reading.direction or "", 0))
    return nearest(make, False, context.direction(reading), context.day)


def decade(reading: Reading, _: Context) -> Interval:
    """A decade by name, or a third of it."""
    first, last = _DECADE_PARTS.get(reading.third or "", (0, 9))
    year = reading.decade or 0
    return Interval(dt.date(year + first, 1, 1), dt.date(year + last, 12, 31), "interval")


def period(reading: Reading, context: Context) -> Interval:
    """This, last or next week, month, year, decade or century, or a third of it."""
    unit = reading.periods[0] if reading.periods else reading.unit or ""
    direction = reading.direction or "this"
    if direction == "last":
        return periods.rolled(context.day, unit, Fraction(1), -1)
    if reading.same and reading.periods != ["month", "year"]:
        raise Unknown("the same as one told before")
    step = STEPS.get(direction, 0)
    if unit == "week":
        start = context.day - ((context.day.weekday() - _WEEK_STARTS) % 7 - 7 * step) * DAY
        first, last = _WEEK_PARTS.get(reading.third or "", (0, 6))
        return Interval(start + first * DAY, start + last * DAY, "days" if reading.third else "week")
    if unit == "month":
        year = step if "year" in reading.periods else 0
        month = periods.moved(context.day.replace(day=1), 12 * year if year else step)
        return periods.third_of_month(month, periods.moved(month, 1) - DAY, reading.third)
    if unit == "year":
        return periods.year(context.day.year + step, False, reading.third)
    if unit not in ("decade", "century"):
        raise Unknown(f"a {unit} as a period")
    years = 10 if unit == "decade" else 100
    # A century begins in its year 1, a decade in its year 0.
    lead = 1 if years == 100 else 0
    first_year = (context.day.year - lead) // years * years + lead + step * years
    return Interval(dt.date(first_year, 1, 1), dt.date(first_year + years - 1, 12, 31), "interval")


def duration(reading: Reading, context: Context) -> Interval:
    """A count of units: through publication, from it, or that far away. Raises Unknown for a bare one."""
    unit = reading.unit or ""
    count = reading.count if reading.counted or reading.count == 1 else None
    forward = reading.direction == "next" or (
        context.future and reading.direction is None and reading.cue != "since"
    )
    back = reading.direction in PAST or reading.direction == "this" or reading.third == "end"
    if reading.cue in ("ago", "after") and reading.direction is None:
        if reading.cue == "after" and not forward:
            raise Unknown("counted from something else")
        return periods.distant(context.day, unit, count, 1 if reading.cue == "after" else -1)
    if reading.cue == "lasting" or not (forward or back or reading.cue in ("since", "within")):
        raise Unknown("a bare duration")
    if count is None and unit in ("hour", "minute"):
        unit, count = "day", Fraction(1 if unit == "hour" else 0)
    if count is None:
        start, end = (context.day, None) if forward else (None, context.day)
        return Interval(start, end, "interval")
    found = periods.rolled(context.day, unit, count, 1 if forward and not back else -1)
    return Interval(found.start, found.end, "interval") if reading.cue == "since" else found
