"""The numbers of an Arabic phrase: its tokens, what the tables say of each, and the values they make.

Digits with their separators, number words of every case and spelling, scales, fractions and ranges.
The words stand in `numerals.tsv` (columns table, form, value), which this module loads for its
neighbours `plurality`, `hedges` and `numerals` too. What a hedge or a denial makes of a number, and what
a noun without a number says, are theirs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, lru_cache
from pathlib import Path

from hasila.arabic import fold, fold_text, without_clitics

# A run of digits with its separators, a run of letters, or one sign that numbers may need.
_TOKEN = re.compile(
    r"(?P<digits>\d{1,3}(?:[,،٬'’]\d{3})+(?:[.٫]\d+)?(?!\d)|\d{1,3}(?:\.\d{3})+(?!\d)"
    r"|(?<!\d)\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)"
    r"|\d+،\d{1,2}(?=\s*(?:[%٪]|مل|في الم|بالم))|\d+(?:[.,٫]\d+)?)"
    r"|(?P<letters>[^\W\d_]+)|(?P<sign>[-–—%٪/])"
)
_POINTS = str.maketrans("٫,،", "...")  # after the separators of thousands are out
_CLITICS = re.compile(r"[وف]?(?:[بلك]?(?:ال)?|لل)")


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a phrase: folded, as written with its marks, its offsets in the folded phrase, its class."""

    text: str
    raw: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Number:
    """A value, the scale its last word had (what may still be added is below it), and its tokens."""

    value: Fraction
    unit: Fraction
    scale: Fraction
    start: int
    end: int


@cache
def tables() -> dict[str, dict[str, str]]:
    """`numerals.tsv` as table -> folded form -> value. Raises ValueError on a row of another shape."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    path = Path(__file__).with_name("numerals.tsv")
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if line and not line.startswith("#"):
            table, form, value = line.split("\t")
            found[table][fold_text(form)] = fold_text(value)
    return dict(found)


def tokens(phrase: str) -> list[Token]:
    """The numbers, words and signs of `phrase`, in order; quotes and brackets are left out."""
    folded = fold(phrase)
    found = []
    for match in _TOKEN.finditer(folded.text):
        start, end = match.span()
        # Up to the next folded character, so that the marks of the last letter belong to the word.
        raw = phrase[folded.offsets[start] : folded.offsets[end]]
        found.append(Token(match[0], raw, start, end, match.lastgroup or ""))
    return found


@lru_cache(maxsize=1 << 14)
def lookup(word: str, table: str) -> str | None:
    """The first reading of a folded word, clitics cut or not, that `table` knows."""
    forms = tables().get(table, {})
    return next((reading for reading in without_clitics(word) if reading in forms), None)


@dataclass(frozen=True, slots=True)
class _Entry:
    """A number word, scale or digits, up to the token `end`; `joined`: by `و` to what stands before."""

    table: str
    value: Fraction
    how: str
    joined: bool
    end: int


def _entry(words: list[Token], index: int) -> _Entry | None:
    joined = False
    while index + 1 < len(words) and _CLITICS.fullmatch(words[index].text):
        # Only a clitic that the tokens split off its number: `و203`, `ال39`, `و عشرين`.
        joined = joined or words[index].text[0] in "وف"
        index += 1
    if index >= len(words):
        return None
    word = words[index]
    if word.kind == "digits":
        return _Entry("digits", _digits(word.text, _text(words, index + 1)), "", joined, index + 1)
    for table in ("scale", "number", "fraction", "fraction_many"):
        form = lookup(word.text, table) if word.kind == "letters" else None
        if form is not None:
            value, _, how = tables()[table][form].partition(" ")
            # `وأحد عشر` folds to what one is called: its hamza or the teen after it tells the و apart.
            split = form == "واحد" and (word.raw[:2] == "وأ" or _text(words, index + 1) in ("عشر", "عشره"))
            joined = joined or split or (form != word.text and word.text[0] in "وف")
            return _Entry(table, Fraction(value), how, joined, index + 1)
    return None


def _text(words: list[Token], index: int) -> str:
    return words[index].text if index < len(words) else ""


def _digits(text: str, following: str) -> Fraction:
    """The value of written digits: `1.500` is 1500, but `1.500 مليون` is a million and a half."""
    grouped = re.fullmatch(r"\d{1,3}(?:[,،٬.'’ \u00a0\u202f]\d{3})+", text)
    if grouped and not (text.count(".") == 1 and lookup(following, "scale")):
        return _whole(re.sub(r"\D", "", text))
    whole, _, part = re.sub(r"[,،٬'’\s](?=\d{3})", "", text).translate(_POINTS).partition(".")
    return _whole(re.sub(r"\D", "", whole)) + Fraction(int(part[:9] or 0), 10 ** len(part[:9]))


def _whole(digits: str) -> Fraction:
    # int() refuses very long strings; twenty digits are already too many people.
    return Fraction(int(digits[:20] or 0))


def _read(words: list[Token], index: int, *, joins: bool = True) -> Number | None:
    """The longest number that begins at token `index`; without `joins`, up to its first `و`."""
    number = _group(words, index, joins)
    while joins and number is not None and number.unit > 1:
        entry = _entry(words, number.end)
        if entry is None or not entry.joined:
            break
        part = _half(words, entry, number) or _group(words, number.end, joins)
        if part is None or part.value >= number.unit:
            break
        number = replace(part, value=number.value + part.value, start=number.start, scale=number.scale)
    return number


def _half(words: list[Token], entry: _Entry, number: Number) -> Number | None:
    """The part of a scale that follows it: `مليون ونصف`, `مليونين ونصف المليون`."""
    if entry.table != "fraction":
        return None
    scale = _entry(words, entry.end)
    end = scale.end if scale is not None and scale.table == "scale" and not scale.joined else entry.end
    return Number(entry.value * number.unit, Fraction(1), Fraction(1), number.start, end)


def _group(words: list[Token], index: int, joins: bool) -> Number | None:
    """A number below a thousand with the scales that multiply it, or a scale alone."""
    entry = _entry(words, index)
    if entry is None or entry.table == "fraction_many" or entry.how == "many":
        return None
    if entry.table == "scale":
        value, end, scale = _lone_scale(words, entry), entry.end, Fraction(1)
        unit = entry.value / 2 if entry.how == "two" else entry.value
    else:
        value, end = _small(words, entry, joins)
        unit = scale = Fraction(1)
    while (entry := _entry(words, end)) is not None and not entry.joined:
        if entry.table == "fraction_many":
            value, end = value * entry.value, entry.end
        elif entry.table == "scale" and entry.how != "two":
            value, unit, scale, end = value * entry.value, entry.value, scale * entry.value, entry.end
        else:
            break
    # A fraction of no scale is a share of somebody, not a number.
    is_part = value.denominator > 1 and unit == 1 and words[end - 1].kind != "digits"
    return None if is_part else Number(value, unit, scale, index, end)


def _lone_scale(words: list[Token], entry: _Entry) -> Fraction:
    """`ألفا قتيل` is a dual in construct, `ألفاً` and `ألفا من` a singular."""
    word = words[entry.end - 1]
    following = _text(words, entry.end) or "من"
    construct = word.text.endswith("ا") and "\u064b" not in word.raw and entry.how == "one"
    owner = following not in tables()["filler"] and following[0] != "و" and following[-1] != "%"
    return entry.value * 2 if construct and owner else entry.value


def _small(words: list[Token], entry: _Entry, joins: bool) -> tuple[Fraction, int]:
    """A number below a thousand that begins with `entry`, or digits of any size; and the token after it."""
    value, end = entry.value, entry.end
    after = _number_at(words, end) if entry.table == "number" else None
    if after is not None and 3 <= value <= 9 and after.value == 100 and not after.joined:
        value, end = value * 100, after.end
        after = _number_at(words, end)
    if after is None or (after.joined and not joins):
        return value, end
    if value >= 100 and after.joined and after.value < 100:
        below, end = _small(words, after, joins)
        return value + below, end
    teen = after.value == 10 and not after.joined
    compound = 20 <= after.value < 100 and after.joined
    return (value + after.value, after.end) if value < 10 and (teen or compound) else (value, end)


def _number_at(words: list[Token], index: int) -> _Entry | None:
    entry = _entry(words, index)
    return entry if entry is not None and entry.table == "number" else None


def numbers(words: list[Token]) -> Iterator[Number]:
    """Every number of the phrase in order; one written twice (`ثلاثة (03)`) comes once."""
    index, last = 0, None
    while index < len(words):
        number = _read(words, index)
        if number is None or _is_idle(words, number, last):
            index += 1
            continue
        doubled = last is not None and last.end == number.start and last.value == number.value
        if not doubled:
            yield number
        last, index = number, number.end


def _is_idle(words: list[Token], number: Number, last: Number | None) -> bool:
    """`واحدة` after a number agrees with a noun; `أحد` alone is one of several; `بضعة عشر` is vague."""
    few = any(lookup(word.text, "few") for word in words[: number.start])
    agrees = last is not None or lookup(words[number.start].text, "one_of") is not None
    return few or (agrees and is_one(words, number))


def is_one(words: list[Token], number: Number) -> bool:
    """Whether the number is the word for one, which agrees with its noun like an adjective."""
    return number.end - number.start == 1 and number.value == 1 and words[number.start].kind == "letters"


def is_share(words: list[Token], number: Number) -> bool:
    """Whether the number is a percentage: a share of people not counted."""
    rest = [word.text for word in words[number.end : number.end + 2]]
    shares = tables()["share"]
    return bool(rest) and (rest[0] in shares or " ".join(rest) in shares)


def ends(words: list[Token], known: list[Number]) -> tuple[Fraction, Fraction, int] | None:
    """Low, high and how many of the numbers make them, where the first two are the ends of a range."""
    low = known[0]
    opened = any(lookup(word.text, "between") for word in words[: low.start])
    if len(known) == 1:
        return _split(words, low) if opened else None
    high = known[1]
    between = [word.text for word in words[low.end : high.start + 1]]
    entry = _entry(words, high.start)
    linked = any(word in tables()["to"] for word in between)
    if len(between) > 4 or not (linked or (opened and entry is not None and entry.joined)):
        return None
    shared = low.scale == low.unit == 1 and high.scale > 1 and low.value < high.value / high.scale
    return low.value * high.scale if shared else low.value, high.value, 2


def _split(words: list[Token], number: Number) -> tuple[Fraction, Fraction, int] | None:
    """`بين خمسة وعشرين` read as two numbers, since `بين` needs them."""
    low = _read(words, number.start, joins=False)
    high = _read(words, low.end) if low is not None and low.end < number.end else None
    return (low.value, high.value, 1) if low and high and low.value < high.value else None


def begin(words: list[Token], number: Number) -> int:
    """Where a number begins in the folded phrase, a clitic written on it left outside."""
    start = number.start
    while start + 1 < number.end and _CLITICS.fullmatch(words[start].text):
        start += 1
    word = words[start]
    form = lookup(word.text, "number") or lookup(word.text, "scale") or lookup(word.text, "fraction")
    return word.start + max(0, len(word.text) - len(form)) if form else word.start
