"""What a person sees in a terminal."""

from __future__ import annotations

import datetime as dt
import io
from typing import Any

import pytest

from hasila import tables
from hasila.document import Casualty, Document, Interval, Place, Span

TEXT = "قتل ثلاثة مدنيين في حلب أمس. وفي حلب أصيب [اثنان]"
SPANS = (
    Span(4, 16, "KILLED", "ثلاثة مدنيين", 0.91),
    Span(20, 23, "LOCATION", "حلب", 0.99),
    Span(24, 27, "DATE", "أمس", 0.9),
    Span(33, 36, "LOCATION", "حلب", 0.9),
    Span(42, 48, "INJURED", "[اثنان", 0.5),
)


def claim(index: int, **values: Any) -> Casualty:
    span = SPANS[index]
    return Casualty(index, span.start, span.end, span.label, span.text, **values)


def shown(thing: object) -> str:
    out = io.StringIO()
    tables.console(out).print(thing)
    return out.getvalue()


def test_an_article_with_its_claims_and_entities() -> None:
    first = claim(
        0,
        score=0.9,
        min=3,
        max=3,
        kind="exact",
        victim="civilian",
        where=1,
        when=2,
        date=Interval(dt.date(2016, 10, 5), dt.date(2016, 10, 5), "day"),
        place=Place("حلب", None, 36.2, 37.1, "حلب", "SY", "town"),
    )
    second = claim(4, status="negated", part_of=0, same_as=0)
    document = Document(
        "003", TEXT, SPANS, (first, second), dt.date(2016, 10, 6), "given", notes=("note it",)
    )
    text = shown(tables.document(document))
    assert f"003 · 2016-10-06 (given) · {len(TEXT)} characters" in text
    assert "KILLED" in text
    assert "ثلاثة مدنيين" in text
    assert "civilian" in text
    assert "0.90" in text
    assert "(SY, town)" in text
    assert "2016-10-05" in text
    assert "INJURED (negated, part, again)" in text
    assert "[اثنان" in text
    assert "حلب\u2069 ×2" in text
    assert "note: note" in text


def test_an_article_without_anything() -> None:
    text = shown(tables.document(Document("x", "لا شيء")))
    assert "no date" in text
    assert "no casualty claims" in text


@pytest.mark.parametrize(
    ("low", "high", "kind", "expected"),
    [
        (3, 3, "exact", "3"),
        (100, 100, "about", "~100"),
        (21, None, "more_than", "21+"),
        (None, 5, "at_most", "≤ 5"),
        (20, 30, "range", "20–30"),
        (None, None, "vague", "? vague"),
        (None, None, None, "?"),
        (0, 0, "exact", "0"),
    ],
)
def test_bounds_in_words(low: int | None, high: int | None, kind: str | None, expected: str) -> None:
    assert tables.count(claim(0, min=low, max=high, kind=kind)) == expected


def test_arabic_is_isolated_on_one_line_and_disarmed() -> None:
    assert tables.arabic("سطر\r\nآخر") == "\u2068سطر آخر\u2069"
    assert tables.arabic("\u202eقتل\x1b[31m\0\ud800") == "\u2068قتل [31m\u2069"
    assert tables.arabic("[bold]") == "\u2068\\[bold]\u2069"
    assert len(tables.arabic("ا" * 500)) == 122


@pytest.mark.parametrize("identity", ["[bold]x[/]", "\x1b[31mred", "two\nlines", "\ud800", ""])
def test_an_id_is_shown_as_text(identity: str) -> None:
    first = shown(tables.document(Document(identity, TEXT, SPANS))).split("\n")[0]
    assert "\x1b" not in first
    assert "no date" in first
    if "[bold]" in identity:
        assert identity in first


def test_open_intervals() -> None:
    document = Document(
        "x", TEXT, SPANS, (claim(0, when=2, date=Interval(dt.date(2016, 1, 1), None, "interval")),)
    )
    assert "2016-01-01–…" in shown(tables.document(document))


def test_models_are_listed_with_what_their_manifests_say() -> None:
    manifest = {
        "name": "small",
        "version": "0.1.0",
        "bytes": 27_500_000,
        "scores": {"exact_f1": 85.25, "casualties_f1": 84.0},
        "licence": "MIT",
        "sources": ["one", "two"],
    }
    text = shown(tables.models([manifest, {"name": "bare", "version": "1"}]))
    for part in ("small", "0.1.0", "27.5", "85.2", "84.0", "MIT", "one", "two", "bare", "?"):
        assert part in text
