"""Calendar arithmetic of news dates: parts of months and years, units counted from a day, n-th weekdays.

Pure functions over days; nothing here knows a word or a publication date. A day that does not exist raises
ValueError, a year out of the calendar OverflowError.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable
from fractions import Fraction
from math import ceil

from hasila import hijri
from hasila.datereading import Point
from hasila.document import Interval

DAY = dt.timedelta(days=1)
# The words of direction, as steps from the unit that holds publication.
STEPS = {"past": -1, "past2": -2, "next": 1}
PAST = ("past", "past2", "last")
# First and last month of a part of the year.
_YEAR_PARTS = {"begin": (1, 3), "mid": (5, 8), "end": (10, 12)}
_MONTHS_IN = {"month": 1, "year": 12, "decade": 120, "century": 1200}
_HOURS_IN = {"minute": Fraction(0), "hour": Fraction(1), "day": Fraction(24), "week": Fraction(168)}


class Unknown(ValueError):
    """The phrase needs what is not known."""


def moved(day: dt.date, months: int) -> dt.date:
    """The same day of another month, or that month's last."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        raise OverflowError("a year out of the calendar")
    return dt.date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def year(year: int, is_hijri: bool, third: str | None) -> Interval:
    first, last = _YEAR_PARTS.get(third or "", (1, 12))
    precision = "interval" if third else "year"
    if is_hijri:
        return Interval(hijri.day(year, first, 1), hijri.month(year, last)[1], precision)
    start = dt.date(year, first, 1)
    return Interval(start, moved(start, last - first + 1) - DAY, precision)


def third_of_month(start: dt.date, end: dt.date, third: str | None) -> Interval:
    if third is None:
        return Interval(start, end, "month")
    tenth, twentieth = start + 9 * DAY, start + 19 * DAY
    parts = {"begin": (start, tenth), "mid": (tenth + DAY, twentieth), "end": (twentieth + DAY, end)}
    return Interval(*parts[third], "days")


def nth_weekday(start: dt.date, end: dt.date, weekday: int, nth: int) -> tuple[dt.date, dt.date]:
    days = [dt.date.fromordinal(day) for day in range(start.toordinal(), end.toordinal() + 1)]
    found = [day for day in days if day.weekday() == weekday]
    if nth > len(found):
        raise ValueError(f"no weekday number {nth}")
    chosen = found[nth if nth < 0 else nth - 1]
    return chosen, chosen


def nth_part(whole: Interval, share: Fraction, nth: int) -> tuple[dt.date, dt.date]:
    if whole.start is None or whole.end is None or nth < 0:
        raise Unknown("no whole to divide")
    if whole.precision == "month":
        middle = whole.start + 14 * DAY
        return (whole.start, middle) if nth == 1 else (middle + DAY, whole.end)
    step = int(12 * share)
    return moved(whole.start, (nth - 1) * step), moved(whole.start, nth * step) - DAY


def counted(day: dt.date, unit: str, count: Fraction, sign: int) -> dt.date:
    if unit in _HOURS_IN:
        return day + sign * ceil(_HOURS_IN[unit] * count / 24) * DAY
    months = _MONTHS_IN[unit] * count
    whole = moved(day, sign * int(months))
    return whole + sign * int((months - int(months)) * 30) * DAY


def rolled(day: dt.date, unit: str, count: Fraction, sign: int) -> Interval:
    """From n units before `day` through it, or from it through n units after."""
    other = counted(day, unit, count, sign)
    precision = {"minute": "days", "hour": "days", "day": "days", "decade": "interval", "century": "interval"}
    return Interval(min(day, other), max(day, other), precision.get(unit, unit))


def distant(day: dt.date, unit: str, count: Fraction | None, sign: int) -> Interval:
    """The day, week, month or year n units away from `day`."""
    if unit in ("minute", "hour"):
        return rolled(day, unit, count or Fraction(1 if unit == "hour" else 0), sign)
    if count is None:
        raise Unknown("an uncounted plural")
    near = counted(day, unit, count, sign)
    if unit == "week":
        return Interval(near - 3 * DAY, near + 3 * DAY, "week")
    if unit == "month":
        return dated(Point(None, near.month, near.year), near.year, None)
    if unit == "year" and count.denominator == 1:
        return year(near.year, False, None)
    if unit == "year":
        return dated(Point(None, near.month, near.year), near.year, None)
    if unit == "day":
        return Interval(near, near, "day")
    half = 5 if unit == "decade" else 50
    return Interval(dt.date(near.year - half, 1, 1), dt.date(near.year + half - 1, 12, 31), "interval")


def dated(point: Point, in_year: int, third: str | None) -> Interval:
    if point.month is None:
        return year(in_year, point.hijri, third)
    if point.day is not None:
        make = hijri.day if point.hijri else dt.date
        found = make(in_year, point.month, point.day)
        return Interval(found, found, "day")
    if point.hijri:
        start, end = hijri.month(in_year, point.month)
    else:
        start = dt.date(in_year, point.month, 1)
        end = start.replace(day=calendar.monthrange(in_year, point.month)[1])
    return third_of_month(start, end, third)


def nearest(
    make: Callable[[int], Interval], is_hijri: bool, direction: str | None, published: dt.date
) -> Interval:
    """Of what `make` gives for the years around publication, the one that the direction asks for.

    A Hijri day may be one early or late, so one that would begin on the morrow is taken to begin on the day
    of publication.
    """
    year = hijri.year_at(published) if is_hijri else published.year
    found = _made(make, range(year - 9, year + 10))
    month = (published.year, published.month)
    if direction == "next":
        chosen = [one for one in found if one[0] > published][:1]
    elif direction == "this" and any((first.year, first.month) == month for first, _, _ in found):
        chosen = [one for one in found if (one[0].year, one[0].month) == month][:1]
    elif is_hijri and direction is None and any(first == published + DAY for first, _, _ in found):
        last = next(last for first, last, _ in found if first == published + DAY)
        return Interval(published, last - DAY, found[0][2])
    elif direction in PAST:
        chosen = [one for one in found if one[1] < published][: -1 if direction == "past2" else None]
    else:
        chosen = [one for one in found if one[0] <= published]
    if not chosen:
        raise Unknown("none of them lies there")
    return Interval(*chosen[-1])


def _made(make: Callable[[int], Interval], years: range) -> list[tuple[dt.date, dt.date, str]]:
    """What `make` gives for those years that have one: first day, last day, precision."""
    made = []
    for year in years:
        try:
            found = make(year)
        except ValueError:  # 29 February, or 30 Dhu al-Hijja, of a common year
            continue
        if found.start is not None and found.end is not None:
            made.append((found.start, found.end, found.precision))
    return made
