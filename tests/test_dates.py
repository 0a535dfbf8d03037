"""Date phrases: the table a linguist can extend, spans read by hand, and what must never happen."""

from __future__ import annotations

import csv
import datetime as dt
import json
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hasila import hijri
from hasila.dates import publication_date, resolve
from hasila.dateterms import scan
from hasila.document import Interval

ROOT = Path(__file__).parent.parent
CASES = Path(__file__).parent / "cases" / "dates.tsv"
PRECISIONS = {"day", "days", "week", "month", "year", "interval"}
PUBLISHED = dt.date(2017, 3, 15)


def rows(path: Path) -> list[dict[str, str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    kept = [line for line in lines if not line.startswith("#")]
    return list(csv.DictReader(kept, delimiter="\t", quoting=csv.QUOTE_NONE))


def day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


def name(row: dict[str, str]) -> str:
    return f"{row['before']}|{row['phrase']}|{row['after']}"


@pytest.mark.parametrize("row", rows(CASES), ids=name)
def test_phrase_of_the_table(row: dict[str, str]) -> None:
    found = resolve(row["phrase"], day(row["published"]), row["before"], row["after"])
    if not row["precision"]:
        assert found is None
    else:
        assert found == Interval(day(row["start"]), day(row["end"]), row["precision"])


def test_table_is_large_and_without_repeats() -> None:
    seen = Counter((row["phrase"], row["published"], row["before"], row["after"]) for row in rows(CASES))
    assert len(seen) >= 250
    assert [key for key, times in seen.items() if times > 1] == []


@cache
def composed() -> dict[str, str]:
    path = ROOT / "annotations" / "composed.jsonl"
    if not path.exists():
        pytest.skip("annotations/composed.jsonl is not here, so the read spans have no text")
    documents = map(json.loads, path.read_text(encoding="utf-8").split("\n")[:-1])
    return {document["id"]: document["text"] for document in documents}


@pytest.mark.parametrize("part", ["dev", "test"])
def test_spans_read_by_hand(part: str) -> None:
    split = {row["id"]: row["part"] for row in rows(ROOT / "annotations" / "split.tsv")}
    spans = [row for row in rows(ROOT / "annotations" / "dates.tsv") if row["id"] in composed()]
    spans = [row for row in spans if split[row["id"]] == part]
    wrong = []
    for row in spans:
        text, start, end = composed()[row["id"]], int(row["start"]), int(row["end"])
        found = resolve(text[start:end], day(row["published"]), text[:start], text[end:])
        days = (found.start, found.end) if found else (None, None)
        if days != (day(row["date_start"]), day(row["date_end"])):
            wrong.append((row["id"], text[start:end], days))
    assert len(spans) > 40
    assert 1 - len(wrong) / len(spans) >= 0.92, wrong


@pytest.mark.parametrize(
    ("text", "date", "origin"),
    [
        ("كابل، 24 شباط/فبراير 2021 - وثّقت البعثة مقتل", "2021-02-24", "dateline"),
        ("طوباس 14-8-2024 وفا- استشهد شابان", "2024-08-14", "dateline"),
        ("إسلام آباد 17 مايو 2013 (شينخوا) ارتفع عدد القتلى", "2013-05-17", "dateline"),
        ("الرياض 14 جمادى الأولى 1439 هـ الموافق 31 يناير 2018 م واس", "2018-01-31", "dateline"),
        ("(7 يونيو 2011) – اعتقلت القوات", "2011-06-07", "dateline"),
        ("12 نوفمبر 2025\nتدين الشبكة نهب المركز", "2025-11-12", "dateline"),
        ("مقتل ستة\n\nأكد مصدر اليوم الأحد 19 مارس 2017، مقتل ستة", "2017-03-19", "text"),
        ("زار اليوم 12 مارس 2017 وزير الداخلية", "2017-03-12", "text"),
        ("أكد مصدر اليوم السبت 07 جانفي 2016 مقتل ستة", None, None),  # it was a Thursday
        ("قتل ستة في هجوم يوم 19 مارس 2017 قرب", None, None),  # told of, not published
        ("19 مارس 2017 كان يوما أسود", None, None),
        ("نواكشوط، 8 أكتوبر - أعلنت الرئاسة", None, None),  # no year
        ("بغداد 31 شباط 2014 - قتل", None, None),
        ("", None, None),
    ],
)
def test_publication_date_of_the_text(text: str, date: str | None, origin: str | None) -> None:
    assert publication_date(text, None) == (day(date or ""), origin)


def test_given_publication_date_wins() -> None:
    assert publication_date("زار اليوم 12 مارس 2017 وزير", PUBLISHED) == (PUBLISHED, "given")


def test_only_the_same_sentence_is_looked_at() -> None:
    assert resolve("فجراً", PUBLISHED, "قتل ستة أمس. وقصفت القرية ") == Interval(PUBLISHED, PUBLISHED, "day")
    assert resolve("الأحد", PUBLISHED, "سيجتمع المجلس. وقتل ستة ") == Interval(
        dt.date(2017, 3, 12), dt.date(2017, 3, 12), "day"
    )


def test_month_names_agree_in_every_order() -> None:
    names = {1: "كانون الثاني يناير جانفي", 2: "شباط فبراير", 8: "آب أغسطس أوت", 12: "كانون الأول ديسمبر"}
    for month, text in names.items():
        found = resolve(text + " 2015", None)
        assert found is not None
        assert found.start == dt.date(2015, month, 1)


ARABIC = "ابتثجحخدذرزسشصضطظعغفقكلمنهويءآأؤإئىة"
WORDS = (
    "اليوم أمس الأحد الجمعة مارس شباط كانون الأول رمضان محرم 5 31 2016 1439 ٧ هـ منذ قبل حتى مطلع أواخر"
    " الماضي المقبل الجاري يومين شهر سنوات ثلاثة وعشرين مليون العام الشهر الأسبوع صيف عيد الفطر نصف من إلى و"
    " 12/3/2014 99/99 ليل عشية آخر الساعة التالي نفسه قرن"
)
PHRASES = st.lists(
    st.sampled_from(WORDS.split()) | st.text(ARABIC + "0123456789 /-،.()\u200f\u0651\ud800", max_size=8),
    max_size=7,
)
DAYS = st.none() | st.dates()


@settings(max_examples=400, deadline=None)
@given(PHRASES, DAYS, PHRASES, PHRASES)
def test_any_words_give_an_ordered_interval_or_none(
    phrase: list[str], published: dt.date | None, before: list[str], after: list[str]
) -> None:
    found = resolve(" ".join(phrase), published, " ".join(before), " ".join(after))
    if found is not None:
        assert found.precision in PRECISIONS
        assert found.start is not None or found.end is not None
        assert found.start is None or found.end is None or found.start <= found.end
        assert (found.precision != "day") or found.start == found.end


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), DAYS)
def test_any_text_has_a_publication_date_or_none(text: str, given_day: dt.date | None) -> None:
    found, origin = publication_date(text, given_day)
    assert (found is None) == (origin is None)


@settings(max_examples=200, deadline=None)
@given(st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1)), st.integers(1, 60))
def test_days_ago_count_back(published: dt.date, days: int) -> None:
    expected = published - dt.timedelta(days=days)
    assert resolve(f"قبل {days} يوما", published) == Interval(expected, expected, "day")


@settings(max_examples=100, deadline=None)
@given(st.integers(1, 1600), st.integers(1, 12))
def test_hijri_months_follow_one_another(year: int, month: int) -> None:
    start, end = hijri.month(year, month)
    following = hijri.month(year + month // 12, month % 12 + 1)[0]
    assert end + dt.timedelta(days=1) == following
    assert (end - start).days + 1 in (29, 30)
    assert hijri.year_at(start) == hijri.year_at(end) == year


def test_hijri_rejects_what_is_no_day() -> None:
    for year, month, number in ((1439, 13, 1), (1439, 2, 30), (0, 1, 1), (1439, 1, 0)):
        with pytest.raises(ValueError, match="no day"):
            hijri.day(year, month, number)


def test_number_words_up_to_ninety_nine_and_beyond() -> None:
    cases = {"خمسة وعشرين": 25, "أحد عشر": 11, "تسعة عشر": 19, "مئة وخمسة": 105, "ثلاثة آلاف": 3000}
    assert {words: scan(words)[0].number for words in cases} == cases
