"""The public face: documents that hold what they promise, and clear errors for what is no article."""

from __future__ import annotations

import datetime as dt
import hashlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import hasila
from hasila import extractor as extracting
from hasila.document import Casualty, Document, Span
from hasila.extractor import Extractor, without_below
from hasila.labels import LINK_TARGETS, is_casualty
from hasila.models import ModelError

TEXT = "قتل ثلاثة مدنيين وأصيب 20 آخرون في قصف على حلب أمس، وفق الدفاع المدني السوري."
TEXTS = st.lists(
    st.sampled_from(["قتل", "ثلاثة مدنيين", "بينهم", "حلب", "،", "20", "داعش", "أمس", "\ud800", "\0", "\n"]),
    max_size=25,
).map(" ".join)


def check(document: Document) -> None:
    """What DESIGN promises of every document."""
    for span in document.spans:
        assert document.text[span.start : span.end] == span.text
    claims = [index for index, span in enumerate(document.spans) if is_casualty(span.label)]
    assert [claim.span for claim in document.casualties] == claims
    for claim in document.casualties:
        span = document.spans[claim.span]
        assert (claim.start, claim.end, claim.label, claim.text) == (
            span.start,
            span.end,
            span.label,
            span.text,
        )
        for link, labels in LINK_TARGETS.items():
            target = getattr(claim, link)
            assert target is None or document.spans[target].label in labels
    assert Document.from_json(document.to_json()) == document


def test_a_document_says_what_it_is(extractor: Extractor) -> None:
    document = extractor(TEXT, "2016-10-06", id="003", meta={"outlet": "o"})
    check(document)
    assert (document.id, document.text, document.meta) == ("003", TEXT, {"outlet": "o"})
    assert (document.date, document.date_from) == (dt.date(2016, 10, 6), "given")
    assert document.model == extractor.model == "hasila-tiny@0.0.1"
    assert document.sha256 == hashlib.sha256(TEXT.encode()).hexdigest()
    assert document.notes == ()


@given(text=TEXTS, date=st.none() | st.dates(dt.date(1990, 1, 1), dt.date(2030, 1, 1)))
@settings(max_examples=40)
def test_any_article_becomes_a_true_document(extractor: Extractor, text: str, date: dt.date | None) -> None:
    check(extractor(text, date))


def test_composed_articles(extractor: Extractor, composed: list[dict[str, Any]]) -> None:
    for row in composed[:3]:
        document = extractor(row["text"], row["date"], id=row["id"])
        check(document)
        assert document.sha256 == row["sha256"]
        assert len(document.casualties) > 5


@pytest.mark.parametrize("text", ["", " \n", "\ufeff", "\ud800"])
def test_an_article_without_a_word(extractor: Extractor, text: str) -> None:
    document = extractor(text)
    check(document)
    assert (document.date, document.date_from) == (None, None)


def test_an_unknown_date_is_never_today(extractor: Extractor) -> None:
    document = extractor("قتل ثلاثة مدنيين أمس")
    assert (document.date, document.date_from) == (None, None)
    assert all(claim.date is None for claim in document.casualties)


def test_dates_come_as_dates_times_or_words(extractor: Extractor) -> None:
    day = dt.date(2016, 10, 6)
    for given_date in (day, dt.datetime(2016, 10, 6, 12, 30), "2016-10-06"):
        document = extractor(TEXT, given_date)
        assert document.date == day
        check(document)


def test_the_same_article_is_read_the_same_again(extractor: Extractor, onnx_folder: Path) -> None:
    first = extractor(TEXT)
    extractor("شيء آخر")
    assert extractor(TEXT) == first
    assert Extractor(str(onnx_folder))(TEXT) == first


@pytest.mark.parametrize("text", [None, b"bytes", 5, ["a"]])
def test_what_is_no_text(extractor: Extractor, text: Any) -> None:
    with pytest.raises(TypeError, match="not str"):
        extractor(text)


@pytest.mark.parametrize("date", ["yesterday", "2016-02-31", ""])
def test_what_is_no_date(extractor: Extractor, date: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        extractor(TEXT, date)


def test_a_text_too_long_is_refused(extractor: Extractor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extracting, "MAX_CHARACTERS", 10)
    with pytest.raises(ValueError, match="11 characters are more than 10"):
        extractor("ا" * 11)
    assert extractor("ا" * 10)


@pytest.mark.parametrize("options", [{"min_score": 1.5}, {"min_score": -0.1}, {"policy": "guess"}])
def test_wrong_options(onnx_folder: Path, options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Extractor(str(onnx_folder), **options)


def test_a_missing_model() -> None:
    with pytest.raises(ModelError, match="nowhere"):
        Extractor("nowhere")


SPANS = (
    Span(0, 1, "ACTOR", "a", 0.9),
    Span(2, 3, "KILLED", "b", 0.4),
    Span(4, 5, "LOCATION", "c", 0.3),
    Span(6, 7, "INJURED", "d", 0.8),
)


def _claim(index: int, **links: int) -> Casualty:
    span = SPANS[index]
    return Casualty(index, span.start, span.end, span.label, span.text, **links)


def test_what_falls_below_the_score_leaves_null_links() -> None:
    claims = (_claim(1, by=0, where=2), _claim(3, by=0, where=2, part_of=1))
    document = without_below(Document("x", "a b c d", SPANS, claims), 0.5)
    assert [span.text for span in document.spans] == ["a", "d"]
    (claim,) = document.casualties
    assert (claim.span, claim.by, claim.where, claim.part_of) == (1, 0, None, None)
    assert document.notes == ("2 spans scored below 0.5",)


def test_links_follow_the_spans_that_stay() -> None:
    claims = (_claim(3, where=2, part_of=1),)
    document = without_below(Document("x", "a b c d", SPANS, claims), 0.35)
    (claim,) = document.casualties
    assert (claim.span, claim.part_of, claim.where) == (2, 1, None)


def test_gold_spans_without_a_score_stay() -> None:
    spans = (Span(0, 1, "ACTOR", "a"),)
    assert without_below(Document("x", "a", spans), 0.99).spans == spans


def test_min_score_is_what_the_extractor_applies(extractor: Extractor, onnx_folder: Path) -> None:
    everything = extractor(TEXT)
    bar = sorted(span.score or 0 for span in everything.spans)[len(everything.spans) // 2]
    strict = Extractor(str(onnx_folder), min_score=bar)(TEXT)
    check(strict)
    assert strict == without_below(everything, bar)
    assert 0 < len(strict.spans) < len(everything.spans)
    assert all(span.score is not None and span.score >= bar for span in strict.spans)


def test_the_package_offers_three_names() -> None:
    assert hasila.Extractor is Extractor
    assert (hasila.Document, hasila.Span) == (Document, Span)
    with pytest.raises(AttributeError, match="nothing"):
        hasila.nothing  # noqa: B018


def test_the_embedded_model_reads_a_seed(small: str) -> None:
    path = sorted((Path(__file__).parents[1] / "seeds").glob("*.txt"))[0]
    document = Extractor(small)(path.read_bytes().decode("utf-8"), "2014-11-11", id=path.stem)
    check(document)
    assert any(claim.label == "KILLED" for claim in document.casualties)
    assert any(span.label == "LOCATION" and "عين العرب" in span.text for span in document.spans)
