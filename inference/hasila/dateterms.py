"""The words of a date phrase as terms, and the terms put together: which number is a day, which a year.

`scan` looks words up in `dateterms.tsv` (longest form first, clitics and `ال` seen through) and `read`
sorts what it found into a `Reading`. Neither knows the calendar or the day of publication: that is the
work of `dates.py`. Words that are in no table become terms of kind `other`, and `read` passes over them.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files

from hasila.arabic import fold_text, without_clitics

_DAY_FIRST = r"(?<!\d)\d{1,2}\s?([/.-])\s?\d{1,2}\s?\2\s?\d{4}(?!\d)"
_DATE = rf"(?P<date>{_DAY_FIRST}|(?<!\d)\d{{4}}([/-])\d{{1,2}}\3\d{{1,2}}(?!\d))"
_SHORT = r"(?P<short>(?<![\d/])\d{1,2}/\d{1,2}(?![\d/]))"
_CLOCK = r"(?P<clock>(?<!\d)\d{1,2}[:,،]\d{2}(?!\d))"
_TOKEN = re.compile(rf"{_DATE}|{_SHORT}|{_CLOCK}|(?P<digits>\d+)|(?P<word>[^\W\d_]+)|(?P<to>[-–—])")
_NUMBERS = ("num", "digits", "ord", "ordf")
_YEARS = range(1000, 2200)


@dataclass(frozen=True, slots=True)
class Term:
    """One expression of the table, or one number; `joined` where `و` ties it to what stands before."""

    kind: str
    value: str
    joined: bool = False

    @property
    def number(self) -> int:
        """The value as a number. Raises ValueError for a term that has none."""
        return int(self.value)


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


def scan(text: str) -> list[Term]:
    """The terms of `text` in order, its number words added up."""
    tokens = [(match.lastgroup or "", match.group()) for match in _TOKEN.finditer(fold_text(text))]
    terms: list[Term] = []
    index, joined = 0, False
    while index < len(tokens):
        term, length = _term(tokens, index)
        index += length
        if term == Term("other", "و"):
            joined = True
            continue
        term = replace(term, joined=term.joined or joined)
        joined = False
        total = _added(terms[-1], term) if terms else None
        if total is None:
            terms.append(term)
        else:
            terms[-1] = total
    return terms


def read(terms: list[Term]) -> Reading:
    """The reading of a phrase's terms. Raises ValueError where two month names contradict each other."""
    reading = Reading()
    previous = Term("", "")
    following = [*terms[1:], Term("", "")]
    for term, after in zip(terms, following, strict=True):
        if term.kind in _NUMBERS:
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


@cache
def _table() -> dict[tuple[str, ...], tuple[str, str]]:
    table: dict[tuple[str, ...], tuple[str, str]] = {}
    text = files("hasila").joinpath("dateterms.tsv").read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            kind, value, forms = line.split("\t")
            for form in forms.split("|"):
                table.setdefault(tuple(fold_text(form).split()), (kind, value))
    return table


@cache
def _longest() -> int:
    return max(map(len, _table()))


def _term(tokens: list[tuple[str, str]], index: int) -> tuple[Term, int]:
    """The term that begins at a token, and how many tokens it takes."""
    group, text = tokens[index]
    if group != "word":
        kind = {"short": "date", "clock": "part"}.get(group, group)
        return Term(kind, text), 1
    for length in range(min(_longest(), len(tokens) - index), 0, -1):
        rest = [word for kind, word in tokens[index + 1 : index + length] if kind == "word"]
        if len(rest) < length - 1:
            continue
        for reading in _readings(text):
            found = _table().get((reading, *rest))
            if found is not None:
                joined = text.startswith("و") and not reading.startswith("و")
                return Term(*found, joined), length
    return Term("other", text), 1


@lru_cache(maxsize=4096)
def _readings(word: str) -> tuple[str, ...]:
    # With the article first: `لليوم` is اليوم, today, before it is يوم, a day.
    return tuple(sorted(without_clitics(word), key=lambda reading: not reading.startswith("ال")))


def _added(left: Term, right: Term) -> Term | None:
    """Two number words as one (`خمسة وعشرين`, `الحادي عشر`, `ثلاثة آلاف`), or None where they are two."""
    if left.kind not in _NUMBERS or right.kind != "num":
        return None
    a, b = left.number, right.number
    if b in (100, 1000) and 2 < a < b and not right.joined:
        return replace(left, kind="num", value=str(a * b))
    if left.kind == "digits":
        return None
    is_teen = a < 10 and b == 10 and not right.joined
    is_compound = right.joined and ((a < 10 and 20 <= b < 100) or a >= 100 > b)
    return replace(left, value=str(a + b)) if is_teen or is_compound else None


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
    days = [] if _counts_weeks(reading) else _take_numbers(reading)
    last = reading.points[-1] if reading.points else None
    if last is not None and last.month and not days and last.hijri == hijri and previous.kind != "to":
        if last.month == month:
            return
        if not term.joined:
            raise ValueError(f"months {last.month} and {month} in one date")
    reading.points += [Point(day, month, None, hijri) for day in days] or [Point(None, month, None, hijri)]


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
    if reading.fraction is not None and not reading.counted:
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
