"""What a reading of a date phrase comes to: one rule for each way of naming a time, tried in order.

The rules know the calendar and the day of publication, not the words: those are in `dateterms.py`. The
conventions are stated in `dates.py`. A rule raises `Unknown` for what needs a publication date that is not
known, ValueError for a day that does not exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction

from hasila import hijri, periods
from hasila.dateterms import Point, Reading
from hasila.document import Interval
from hasila.periods import DAY, Unknown

_WEEK_STARTS = 5  # Saturday
_STEPS = {"past": -1, "past2": -2, "next": 1}
_PAST = ("past", "past2", "last")
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


def interval(reading: Reading, context: Context) -> Interval | None:
    """The interval of the first rule that applies, None where none does."""
    for applies, rule in _RULES:
        if applies(reading):
            found = rule(reading, context)
            return found if rule is _duration else _bounded(found, reading, context)
    return None


def _bounded(found: Interval, reading: Reading, context: Context) -> Interval:
    """`found` as `منذ`, `حتى` or `قبل` bound it."""
    if reading.cue == "since" and found.start is not None:
        is_past = context.published is None or found.start <= context.published
        return Interval(found.start, context.published, "interval") if is_past else found
    if reading.cue == "from":
        return Interval(found.start, None, "interval")
    if reading.cue == "until":
        return Interval(None, found.end, "interval")
    # `قبيل فجر اليوم` is still today.
    if reading.cue == "ago" and not reading.part and found.start is not None:
        return Interval(None, found.end if reading.third == "end" else found.start - DAY, "interval")
    return found


def _feast(reading: Reading, context: Context) -> Interval:
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
    if named is not None:
        around = hijri.year_at(dt.date(named, 1, 1)) if form == "h" else named
        made = [make(year) for year in (around, around + 1)]
        return next(found for found in made if found.start and found.start.year == named)
    return _nearest(make, form == "h", reading, context)


def _season(reading: Reading, context: Context) -> Interval:
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
        return make(context.day.year + _STEPS.get(reading.direction or "", 0))
    return _nearest(make, False, reading, context)


def _decade(reading: Reading, _: Context) -> Interval:
    first, last = _DECADE_PARTS.get(reading.third or "", (0, 9))
    year = reading.decade or 0
    return Interval(dt.date(year + first, 1, 1), dt.date(year + last, 12, 31), "interval")


def _numbered(reading: Reading, context: Context) -> Interval:
    """The n-th week, weekday, half or quarter of a month or year."""
    numbers = [value for value, kind in reading.numbers if kind in ("ord", "ordf")]
    end = reading.third == "end" or (reading.direction == "last" and not numbers)
    nth = -1 if end else numbers[-1]
    reading.third = None
    whole = _points(reading, context) if reading.points else _period(reading, context)
    if whole.start is None or whole.end is None:
        raise Unknown("no whole to count in")
    if reading.weekdays:
        first, last = periods.nth_weekday(whole.start, whole.end, reading.weekdays[0], nth)
    elif reading.fraction is not None:
        first, last = periods.nth_part(whole, reading.fraction, nth)
    else:
        first = whole.end - 6 * DAY if nth < 0 else whole.start + (nth - 1) * 7 * DAY
        last = min(first + 6 * DAY, whole.end)
    if not whole.start <= first <= last <= whole.end:
        raise ValueError("no such part")
    return Interval(
        first, last, "day" if first == last else "week" if reading.fraction is None else "interval"
    )


def _points(reading: Reading, context: Context) -> Interval:
    gregorian = [point for point in reading.points if not point.hijri]
    points = [_in_period(point, reading, context) for point in gregorian or reading.points]
    last = _point(points[-1], reading, context)
    if len(points) == 1 or last.end is None:
        return last
    first = _point(_before(points[0], points[-1], last.end, reading), reading, context)
    if first.start is None or first.start > last.end:
        raise ValueError("a range that ends before it begins")
    as_days = not reading.ranged and all(point.day for point in points)
    return Interval(first.start, last.end, "days" if as_days else "interval")


def _in_period(point: Point, reading: Reading, context: Context) -> Point:
    """`point` with what `الشهر الجاري` or `العام الماضي` beside it says."""
    step = _STEPS.get(reading.direction or "", 0)
    if point.month is None and point.year is None and "month" in reading.periods:
        month = periods.moved(context.day.replace(day=1), step)
        return Point(point.day, month.month, month.year)
    if point.year is None and "year" in reading.periods and not point.hijri:
        return Point(point.day, point.month, context.day.year + step)
    return point


def _before(point: Point, last: Point, end: dt.date, reading: Reading) -> Point:
    """The first point of a range, with month and year of the last where it lacks them."""
    month = point.month or (last.month if point.day else None)
    year = point.year
    if year is None and not last.hijri:
        year = end.year
        if last.year is None and month and last.month and month > last.month:
            year -= 1
    return Point(point.day, month, year or last.year, point.hijri or last.hijri)


def _point(point: Point, reading: Reading, context: Context) -> Interval:
    def make(year: int) -> Interval:
        found = periods.dated(point, year, reading.third)
        if reading.eve and found.start is not None:
            return Interval(found.start - DAY, found.start - DAY, "day")
        return found

    if point.year is not None:
        return make(point.year)
    if point.month is None:
        raise Unknown("a day of no month")
    return _nearest(make, point.hijri, reading, context)


def _weekdays(reading: Reading, context: Context) -> Interval:
    last = _weekday(reading.weekdays[-1], reading, context)
    first = last
    for weekday in reversed(reading.weekdays[:-1]):
        first -= ((first.weekday() - weekday) % 7) * DAY
    return Interval(first, last, "day" if first == last else "days")


def _weekday(weekday: int, reading: Reading, context: Context) -> dt.date:
    direction = reading.direction or ("next" if context.future else None)
    if reading.offset is not None:
        # A publication date may lag behind the text: the weekday that the text names is nearest to it.
        near = context.day + reading.offset * DAY
        return near + ((weekday - near.weekday() + 3) % 7 - 3) * DAY
    if direction == "next":
        return context.day + ((weekday - context.day.weekday() - 1) % 7 + 1) * DAY
    latest = context.day - DAY if direction in _PAST else context.day
    found = latest - ((latest.weekday() - weekday) % 7) * DAY
    return found - 7 * DAY if direction == "past2" else found


def _anaphor(reading: Reading, context: Context) -> Interval:
    if context.told is None:
        raise Unknown("no day told before")
    day = context.told + (reading.anaphor or 0) * DAY
    return Interval(day, day, "day")


def _offset(reading: Reading, context: Context) -> Interval:
    # `لليوم الثالث`: the day that the sentence tells of, if it names one.
    counts = reading.offset == 0 and any(kind == "ord" for _, kind in reading.numbers)
    near = context.told if counts and context.told is not None else context.day
    day = near + (reading.offset or 0) * DAY
    return Interval(day, day, "day")


def _period(reading: Reading, context: Context) -> Interval:
    unit = reading.periods[0] if reading.periods else reading.unit or ""
    direction = reading.direction or "this"
    if direction == "last":
        return periods.rolled(context.day, unit, Fraction(1), -1)
    if reading.same and reading.periods != ["month", "year"]:
        raise Unknown("the same as one told before")
    step = _STEPS.get(direction, 0)
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
    years = 10 if unit == "decade" else 100
    # A century begins in its year 1, a decade in its year 0.
    lead = 1 if years == 100 else 0
    first_year = (context.day.year - lead) // years * years + lead + step * years
    return Interval(dt.date(first_year, 1, 1), dt.date(first_year + years - 1, 12, 31), "interval")


def _duration(reading: Reading, context: Context) -> Interval:
    unit = reading.unit or ""
    count = reading.count if reading.counted or reading.count == 1 else None
    forward = reading.direction == "next" or (context.future and reading.direction is None)
    back = reading.direction in _PAST or reading.direction == "this" or reading.third == "end"
    if reading.cue in ("ago", "after") and reading.direction is None:
        if reading.cue == "after" and not forward:
            raise Unknown("counted from something else")
        return periods.distant(context.day, unit, count, 1 if reading.cue == "after" else -1)
    if not (forward or back or reading.cue in ("since", "within")):
        raise Unknown("a bare duration")
    if count is None and unit in ("hour", "minute"):
        unit, count = "day", Fraction(1 if unit == "hour" else 0)
    if count is None:
        start, end = (context.day, None) if forward else (None, context.day)
        return Interval(start, end, "interval")
    found = periods.rolled(context.day, unit, count, 1 if forward and not back else -1)
    return Interval(found.start, found.end, "interval") if reading.cue == "since" else found


def _part(reading: Reading, context: Context) -> Interval:
    if reading.direction in _STEPS:
        day = context.day + _STEPS[reading.direction] * DAY
    else:
        day = context.told if context.told is not None else context.day
    return Interval(day, day, "day")


def _nearest(make: Callable[[int], Interval], is_hijri: bool, reading: Reading, context: Context) -> Interval:
    """Of what `make` gives for the years around publication, the one that the direction asks for."""
    published = context.day
    year = hijri.year_at(published) if is_hijri else published.year
    found = list(_made(make, range(year - 9, year + 10)))
    direction = reading.direction or ("next" if context.future else None)
    if direction == "next":
        return next(one for one in found if one.start and one.start > published)
    month = (published.year, published.month)
    same = [one for one in found if one.start and (one.start.year, one.start.month) == month]
    if direction == "this" and same:
        return same[0]
    is_past = direction in _PAST
    passed = [
        one
        for one in found
        if one.start and one.end and (one.end if is_past else one.start - DAY) < published
    ]
    return passed[-2 if direction == "past2" else -1]


def _made(make: Callable[[int], Interval], years: range) -> list[Interval]:
    made = []
    for year in years:
        try:
            made.append(make(year))
        except ValueError:  # 29 February, or 30 Dhu al-Hijja, of a common year
            continue
    if not made:
        raise ValueError("a day of no year")
    return made


def _is_numbered(reading: Reading) -> bool:
    whole = bool({"month", "year"} & set(reading.periods)) or any(p.day is None for p in reading.points)
    ordinal = any(kind in ("ord", "ordf") for _, kind in reading.numbers)
    is_last = reading.third == "end" or (reading.direction == "last" and bool(reading.points))
    if reading.weekdays or "week" in (reading.unit, *reading.periods):
        return whole and (ordinal or is_last)
    return whole and ordinal and reading.fraction is not None


def _is_period(reading: Reading) -> bool:
    if reading.periods:
        return True
    return (
        reading.unit is not None
        and not reading.counted
        and reading.count == 1
        and (reading.direction is not None or (reading.third is not None and reading.unit != "day"))
    )


_RULES: tuple[tuple[Callable[[Reading], bool], Callable[[Reading, Context], Interval]], ...] = (
    (lambda reading: reading.feast is not None, _feast),
    (lambda reading: reading.season is not None, _season),
    (lambda reading: reading.decade is not None, _decade),
    (_is_numbered, _numbered),
    (lambda reading: bool(reading.points), _points),
    (lambda reading: bool(reading.weekdays), _weekdays),
    (lambda reading: reading.anaphor is not None, _anaphor),
    (_is_period, _period),
    (lambda reading: reading.offset is not None, _offset),
    (lambda reading: reading.unit is not None, _duration),
    (lambda reading: reading.part, _part),
)
