"""The tabular Islamic calendar: Hijri days, months and years as days of the Gregorian one.

This is the *civil* (Friday-epoch, 16 July 622 Julian) calendar with leap years 2, 5, 7, 10, 13, 16, 18,
21, 24, 26 and 29 of each 30, after Dershowitz and Reingold, *Calendrical Calculations*. A country's own
calendar follows a sighting of the moon or Umm al-Qura: either may differ from this by one day, rarely
two. It does not know which of them a text meant.
"""

from __future__ import annotations

import datetime as dt

# Ordinal (1 January of the year 1 is 1) of the day before 1 Muharram 1.
_EPOCH = 227014
_MONTHS = 12


def day(year: int, month: int, number: int) -> dt.date:
    """The Gregorian day of day `number` (1..30) of a Hijri month. Raises ValueError where there is none."""
    if year < 1 or not 1 <= month <= _MONTHS or not 1 <= number <= _length(year, month):
        raise ValueError(f"no day {number} in month {month} of the Hijri year {year}")
    return dt.date.fromordinal(_before(year, month) + number)


def month(year: int, number: int) -> tuple[dt.date, dt.date]:
    """First and last Gregorian day of a Hijri month (1..12)."""
    return day(year, number, 1), day(year, number, _length(year, number))


def year_at(published: dt.date) -> int:
    """The Hijri year that holds `published`."""
    year = (published.toordinal() - _EPOCH) * 30 // 10631 + 1
    while day(year + 1, 1, 1) <= published:
        year += 1
    while day(year, 1, 1) > published:
        year -= 1
    return year


def _before(year: int, month: int) -> int:
    """Ordinal of the day before the first of a month."""
    return _EPOCH + (year - 1) * 354 + (3 + 11 * year) // 30 + 29 * (month - 1) + month // 2


def _length(year: int, month: int) -> int:
    following = (year, month + 1) if month < _MONTHS else (year + 1, 1)
    return _before(*following) - _before(year, month)
