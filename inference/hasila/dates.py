"""Date phrases of Arabic news as intervals of calendar days, given the day of publication.

Covers relative days, weekdays, Levantine, Maghrebi and Gulf month names and their doublets, numeric forms,
parts of months and years, durations counted back, seasons, decades, feasts and Hijri dates (by the tabular
calendar of `hijri.py`, so a Hijri day may be off by one, rarely two). It does not find dates in a text, and
what the phrase and the words around it leave open stays `None`: today's date is never used.

Conventions, interpreted in `daterules.py` over the words of `dateterms.tsv`:

- a bare weekday, a day and month without a year, a bare month, season or feast is the latest on or before
  publication; with `الماضي` strictly before it; with `المقبل`, or a future verb before it, strictly after;
- a weekday beside `أمس` or `اليوم` wins over a publication date that lags; a full date wins over both;
- a part of the day keeps the day, and a night belongs to the day on which it begins (as in TIMEX3):
  `الليلة الماضية` is yesterday; alone it is the last day told before it, else the day of publication;
- `مطلع` is days 1-10, `منتصف` 11-20, `أواخر` 21 to the end; of a year January-March, May-August,
  October-December. Weeks begin on Saturday, as CLDR has it for most Arab countries;
- the last n days, weeks or months run from n of them before publication through publication; n hours count
  as n/24 days, rounded up; a winter has the year of its January.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace

from hasila.arabic import fold_text
from hasila.datereading import Point, Reading, read
from hasila.daterules import interval
from hasila.dateterms import Term, scan
from hasila.dateunits import Context
from hasila.document import Interval

_WINDOW = 200  # characters of text looked at on each side
_TENSE_WORDS = 7
_SENTENCE_END = re.compile(r"[.؟!?\n…]")

_HEDGE = r"(?:نحو|حوالي|اكثر|اقل|من|ما|يقرب|يقارب|يزيد|علي|عن|قرابه|زهاء|حدود|مده|يوم|فتره)"
_CUES = {
    "since": r"منذ|مذ|منذو",
    "ago": r"قبل|قبيل",
    "until": r"حتي|لغايه|لحد|الي غايه",
    "from": r"(?:اعتبارا|ابتداء|بدءا|انطلاقا) من",
    "after": r"بعد|بعيد|عقب|اثر|غضون",
    "lasting": r"لمده",
    "within": r"خلال|طوال|طيله|مدي|مدار|اخر",
}
_CUES_BEFORE = [
    (cue, re.compile(rf"(?:^|\W)[وف]?(?:{words})(?:\s+{_HEDGE})*\s*[\"'«(“]?$"))
    for cue, words in _CUES.items()
]
_FUTURE_WORD = re.compile(
    r"(?:^|\W)[وف]?(?:سوف|لن|قد ي\w+|علي ان [يتن]\w+|اذا لم|ان لم|المقرره?|مقرر|المتوقعه?|[يت]توقع|المرتقبه?"
    r"|المزمع|اقصاه|مهله|[اتي]مهل\w*)(?!\w)"
)
_FUTURE_VERB = re.compile(r"[وف]?(س[يتن]\w{3,})")
# Nouns and numbers that look like a future verb.
_NOT_VERB = re.compile(
    r"(?:سياس|سياد|سيار|سيطر|سينا|سيدات|سيده|سيدي|سيول|سيره|ستين|ستون|ستمايه|ستميه|ستوكهولم|ستاره|سنوات|سنوي|سنجار"
    r"|سنتين|سنتان)"
)
# `قبل خمسة أيام من الهجوم` counts from the attack, not from publication.
_OTHER_START = re.compile(
    r"\s*(?:من|علي) (?:هذا |هذه |ذلك |تلك )?(?:ال)?(?:هجوم|هجمات|تفجير|انفجار|انتهاء|بدء|بدايه|موعد|مقتل|حادث"
    r"|عمليه|عمليات|انطلاق|وقوع|انتخابات|قصف|غار|اغتيال|معرك|معارك|انهيار|سقوط|اعلان|توقيع|اختطاف|اصاب|اندلاع"
    r"|استيناف|افتتاح|زيار|دور |جوله|قمه|موتمر|محادثات|مفاوضات|ذكري|نهايه|حلول|رمضان|عيد|استفتاء|اقتراع|تصويت"
    r"|محاكم|تنفيذ|وصول|رحيل|مجزر|اشتباك|حرب)"
)

_MONTH = r"[^\W\d_]+(?:\s[^\W\d_]+)?"
_FULL = (
    rf"(?:\d{{1,2}}\s*(?:من\s)?{_MONTH}(?:\s*[/(]\s*{_MONTH}\)?)?\s*[،,]?\s*\d{{4}}"
    r"|\d{1,2}\s?([/.-])\s?\d{1,2}\s?\2\s?\d{4}|\d{4}-\d{2}-\d{2})(?!\d)"
)
_FULL_HIJRI = rf"\d{{1,2}}\s{_MONTH}\s\d{{4}}\s?(?:هـ?)?\s*(?:الموافق|[/–-])?\s*"
_WEEKDAY = r"(?:اليوم|يوم)?\s*(?:ال[اإ]ثنين|الثلاثاء|ال[اأ]ربعاء|الخميس|الجمعة|السبت|ال[اأ]حد)?\s*[،,]?\s*"
_DATELINE = re.compile(
    rf"\A\s*(?:[^\W\d_]+[ \t،,/:–-]+){{0,5}}?[(\[]?{_WEEKDAY}(?:{_FULL_HIJRI})?(?P<date>{_FULL})\s*(?:م\b)?"
    r"\s*(?=[)\]]|[(–—:|-]|\n|\Z|وفا|سانا|واس|وكالات|رويترز|شينخوا|قنا|وام|كونا|بترا|الأناضول)"
)
_TODAY = re.compile(rf"(?<!\w)[وف]?اليوم\s*[،,(]?\s*{_WEEKDAY}\)?\s*[،,(]?\s*(?P<date>{_FULL})")
_ORIGINS = ((_DATELINE, 120, "dateline"), (_TODAY, 600, "text"))


def resolve(phrase: str, published: dt.date | None, before: str = "", after: str = "") -> Interval | None:
    """The days that a date phrase means, or None where that is not known.

    `published` is the day of publication, `before` and `after` the text around the phrase, of which the
    same sentence is used: `منذ`, `قبل`, `حتى`, the tense, a day told before, the other half of a coordination
    (`يومي الجمعة` + `والسبت الماضيين`). Impossible dates (`31 شباط`) and contradictory ones are None.

    `precision` is `day` for one calendar day; `days` for several days named as such (two weekdays, the last
    n hours or days, a third of a month, a feast); `week`, `month`, `year` for one such calendar unit, or n of
    them counted from publication (n weeks ago: the day plus and minus three); `interval` for all else with
    two ends or one: since, until, from-to, a season, a decade, a third of a year, an uncounted plural.
    `منذ X` runs from the start of X through publication; `حتى X` and `قبل X` have no start, `اعتبارا من X` no
    end.
    """
    before = fold_text(_SENTENCE_END.split(before[-_WINDOW:])[-1])
    after = fold_text(_SENTENCE_END.split(after[:_WINDOW])[0])
    try:
        reading = read(scan(phrase))
        reading.cue = _cue(reading, before, after)
        _complete(reading, after)
        return interval(
            reading, Context(published, _is_future(before), _told(reading, published, before, after))
        )
    except (ValueError, OverflowError):
        return None


def publication_date(text: str, given: dt.date | None) -> tuple[dt.date | None, str | None]:
    """The day of publication and its origin: `given`, `dateline`, `text`, or (None, None).

    A dateline is a full date in the first 120 characters, after a place at most and before a bracket, a
    dash, a colon, an agency or the end of its line. `text` is a full date in the first 600 characters that
    `اليوم` is said of. A date without a year, one that is only told of, or one that is not the weekday named
    beside it supplies nothing.
    """
    if given is not None:
        return given, "given"
    for pattern, length, origin in _ORIGINS:
        for match in pattern.finditer(text[:length]):
            found = resolve(match["date"], None)
            if found is None or found.start is None or found.precision != "day":
                continue
            if found.start.weekday() in (read(scan(match.group())).weekdays or [found.start.weekday()]):
                return found.start, origin
    return None, None


def _cue(reading: Reading, before: str, after: str) -> str | None:
    """The word that bounds the phrase, glued to it or before it."""
    cue = reading.cue or next((name for name, form in _CUES_BEFORE if form.search(before)), None)
    if cue == "ago" and _OTHER_START.match(after):
        return "after"
    return cue


def _is_future(before: str) -> bool:
    near = " ".join(before.split()[-_TENSE_WORDS:])
    if _FUTURE_WORD.search(near):
        return True
    verbs = filter(None, map(_FUTURE_VERB.fullmatch, near.split()))
    return any(not _NOT_VERB.match(verb[1]) for verb in verbs)


def _told(reading: Reading, published: dt.date | None, before: str, after: str) -> dt.date | None:
    """The day that the sentence told last before the phrase, for phrases that lean on one."""
    kinds = [kind for _, kind in reading.numbers]
    named = reading.points or reading.weekdays or reading.offset is not None
    if reading.offset == 0 and "ord" in kinds:
        runs = [*reversed(_runs(before)), *_runs(after)]
    elif reading.anaphor is not None or (not named and (reading.part or kinds == ["ordf"])):
        runs = _runs(before)[::-1]
    else:
        return None
    for run in runs:
        try:
            found = interval(read(run), Context(published))
        except (ValueError, OverflowError):
            continue
        if found is not None and found.precision == "day":
            return found.start
    return None


def _runs(text: str) -> list[list[Term]]:
    """The stretches of `text` that are date words and name a day; a bare part of the day does not."""
    runs: list[list[Term]] = [[]]
    for term in scan(text):
        if term.kind == "other":
            runs.append([])
        else:
            runs[-1].append(term)
    named = ("weekday", "offset", "month", "hijri", "date")
    return [run for run in runs if any(term.kind in named for term in run)]


def _complete(reading: Reading, after: str) -> None:
    """Take month, year and direction from the other half of a coordination that follows the phrase."""
    if not after.lstrip().startswith("و") or reading.direction is not None:
        return
    terms = scan(" ".join(after.split()[:6]))
    length = next((index for index, term in enumerate(terms) if term.kind == "other"), len(terms))
    other = read(terms[:length])
    if reading.weekdays and other.weekdays:
        reading.direction = other.direction
    elif (
        other.points
        and other.points[0].month is not None
        and not (reading.points and reading.points[-1].year)
    ):
        points = reading.points or [Point(value) for value, _ in reading.numbers]
        reading.points = [_shared(point, other.points[0]) for point in points]
        reading.direction = other.direction if points else None


def _shared(point: Point, other: Point) -> Point:
    """`point` with month and year of the later half, where that can be meant."""
    month = point.month or other.month
    is_later = month is not None and other.month is not None and other.month < month
    return replace(point, month=month, year=None if is_later else other.year, hijri=other.hijri)
