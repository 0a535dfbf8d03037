"""What a reading of a date phrase comes to: one rule for each way of naming a time, tried in order.

The rules know the calendar and the day of publication, not the words: those are in `dateterms.tsv`. The
conventions are stated in `dates.py`. A rule raises `Unknown` for what needs a publication date that is not
known, ValueError for a day that does not exist.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from hasila import periods
from hasila.datereading import Point, Reading
from hasila.dateunits import Context, decade, duration, feast, period, season
from hasila.document import Interval
from hasila.periods import DAY, PAST, STEPS, Unknown, nearest


def interval(reading: Reading, context: Context) -> Interval | None:
    """The interval of the first rule that applies, None where none does."""
    for applies, rule in _RULES:
        if applies(reading):
            found = rule(reading, context)
            return found if rule is duration else _bounded(found, reading, context)
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


def _numbered(reading: Reading, context: Context) -> Interval:
    """The n-th week, weekday, half or quarter of a month or year."""
    numbers = [value for value, kind in reading.numbers if kind in ("ord", "ordf")]
    end = reading.third == "end" or (reading.direction == "last" and not numbers)
    nth = -1 if end else numbers[-1]
    reading.third = None
    reading.periods = [name for name in reading.periods if name != "week"]
    whole = _points(reading, context) if reading.points else period(reading, context)
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
    step = STEPS.get(reading.direction or "", 0)
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
        return make(_year(point, reading, context))
    if point.month is None:
        raise Unknown("a day of no month")
    return nearest(make, point.hijri, context.direction(reading), context.day)


def _year(point: Point, reading: Reading, context: Context) -> int:
    """The year named, or publication's where only that one agrees with the weekday named beside it."""
    year = point.year or 0
    if (
        context.published is None
        or not point.day
        or not point.month
        or point.hijri
        or len(reading.weekdays) != 1
    ):
        return year
    named, near = (dt.date(y, point.month, point.day) for y in (year, context.published.year))
    slipped = named.weekday() != reading.weekdays[0] == near.weekday() and near <= context.published
    return near.year if slipped else year


def _weekdays(reading: Reading, context: Context) -> Interval:
    last = _weekday(reading.weekdays[-1], reading, context)
    first = last
    for weekday in reversed(reading.weekdays[:-1]):
        first -= ((first.weekday() - weekday) % 7) * DAY
    return Interval(first, last, "day" if first == last else "days")


def _weekday(weekday: int, reading: Reading, context: Context) -> dt.date:
    direction = context.direction(reading)
    if reading.offset is not None:
        # A publication date may lag behind the text: the weekday that the text names is nearest to it.
        near = context.day + reading.offset * DAY
        return near + ((weekday - near.weekday() + 3) % 7 - 3) * DAY
    if direction == "next":
        return context.day + ((weekday - context.day.weekday() - 1) % 7 + 1) * DAY
    latest = context.day - DAY if direction in PAST else context.day
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


def _part(reading: Reading, context: Context) -> Interval:
    if reading.direction in STEPS:
        day = context.day + STEPS[reading.direction] * DAY
    else:
        day = context.told if context.told is not None else context.day
    return Interval(day, day, "day")


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


def _is_clock(reading: Reading) -> bool:
    """`السابعة والنصف`: a feminine ordinal alone is an hour."""
    return [kind for _, kind in reading.numbers] == ["ordf"]


_RULES: tuple[tuple[Callable[[Reading], bool], Callable[[Reading, Context], Interval]], ...] = (
    (lambda reading: reading.feast is not None, feast),
    (lambda reading: reading.season is not None, season),
    (lambda reading: reading.decade is not None, decade),
    (_is_numbered, _numbered),
    (lambda reading: bool(reading.points), _points),
    (lambda reading: bool(reading.weekdays), _weekdays),
    (lambda reading: reading.anaphor is not None, _anaphor),
    (_is_period, period),
    (lambda reading: reading.offset is not None, _offset),
    (lambda reading: reading.unit is not None, duration),
    (lambda reading: reading.part or _is_clock(reading), _part),
)
