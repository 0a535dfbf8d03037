"""The words of a date phrase as terms, by a table: `dateterms.tsv` holds what each word means.

`scan` takes the longest form first and sees through clitics and `ال`. Words that are in no table become
terms of kind `other`. What the terms say together is read in `datereading.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files

from hasila.arabic import fold_text, without_clitics

_DAY_FIRST = r"(?<!\d)\d{1,2}\s?([/.-])\s?\d{1,2}\s?\2\s?\d{4}(?!\d)"
_DATE = rf"(?P<date>{_DAY_FIRST}|(?<!\d)\d{{4}}([/-])\d{{1,2}}\3\d{{1,2}}(?!\d))"
_SHORT = r"(?P<short>(?<![\d/])\d{1,2}/\d{1,2}(?![\d/]))"
_CLOCK = r"(?P<clock>(?<!\d)\d{1,2}[:,،]\d{2}(?!\d))"
_TOKEN = re.compile(rf"{_DATE}|{_SHORT}|{_CLOCK}|(?P<digits>\d+)|(?P<word>[^\W\d_]+)|(?P<to>[-–—])")
NUMBERS = ("num", "digits", "ord", "ordf")


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
        if joined:
            term, joined = replace(term, joined=True), False
        total = _added(terms[-1], term) if terms else None
        if total is None:
            terms.append(term)
        else:
            terms[-1] = total
    return terms


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
def _longest() -> dict[str, int]:
    """The first word of every form, and how many words its longest form has."""
    longest: dict[str, int] = {}
    for form in _table():
        longest[form[0]] = max(len(form), longest.get(form[0], 0))
    return longest


def _term(tokens: list[tuple[str, str]], index: int) -> tuple[Term, int]:
    """The term that begins at a token, and how many tokens it takes."""
    group, text = tokens[index]
    if group != "word":
        kind = {"short": "date", "clock": "part"}.get(group, group)
        return Term(kind, text), 1
    starts = _starts(text)
    for length in range(max(map(_longest().__getitem__, starts), default=0), 0, -1):
        rest = tuple(word for kind, word in tokens[index + 1 : index + length] if kind == "word")
        for start in starts:
            found = _table().get((start, *rest)) if len(rest) == length - 1 else None
            if found is not None:
                return Term(*found, text.startswith("و") and not start.startswith("و")), length
    return Term("other", text), 1


@lru_cache(maxsize=4096)
def _starts(word: str) -> tuple[str, ...]:
    """The readings of a word with which some form begins."""
    # With the article first: `لليوم` is اليوم, today, before it is يوم, a day.
    readings = sorted(without_clitics(word), key=lambda reading: not reading.startswith("ال"))
    return tuple(reading for reading in readings if reading in _longest())


def _added(left: Term, right: Term) -> Term | None:
    """Two number words as one (`خمسة وعشرين`, `الحادي عشر`, `ثلاثة آلاف`), or None where they are two."""
    if left.kind not in NUMBERS or right.kind != "num":
        return None
    a, b = left.number, right.number
    if b in (100, 1000, 1000000) and 2 < a < b and not right.joined:
        return replace(left, kind="num", value=str(a * b))
    if left.kind == "digits":
        return None
    is_teen = a < 10 and b == 10 and not right.joined
    is_compound = right.joined and ((a < 10 and 20 <= b < 100) or a >= 100 > b)
    return replace(left, value=str(a + b)) if is_teen or is_compound else None
