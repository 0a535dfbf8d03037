"""Documents to JSON and back."""

from __future__ import annotations

import dataclasses
import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hasila.document import Casualty, Document, Interval, Place, Span

TEXT = "قتل ثلاثة مدنيين في حلب أمس"
WHOLE = Document(
    id="001",
    text=TEXT,
    spans=(Span(4, 16, "KILLED", "ثلاثة مدنيين", 0.91), Span(20, 23, "LOCATION", "حلب", 0.99)),
    casualties=(
        Casualty(
            span=0,
            start=4,
            end=16,
            label="KILLED",
            text="ثلاثة مدنيين",
            score=0.9,
            min=3,
            max=3,
            kind="exact",
            status="asserted",
            victim="civilian",
            where=1,
            date=Interval(dt.date(2016, 10, 5), None, "day"),
            place=Place("حلب", "x1", 36.2, 37.1, "حلب", "SY", "town"),
            flags=("doubtful",),
            evidence={"where": ("في", 17, 19)},
        ),
    ),
    date=dt.date(2016, 10, 6),
    date_from="given",
    model="hasila-tiny@0.0.1",
    sha256="0" * 64,
    meta={"outlet": "صحيفة", "tags": ["a", None, 1]},
    notes=("a note",),
)


def test_what_was_written_is_read_back() -> None:
    assert Document.from_json(WHOLE.to_json()) == WHOLE


def test_a_line_is_one_line_of_readable_json() -> None:
    line = WHOLE.to_json()
    assert "\n" not in line
    assert "ثلاثة" in line
    data = json.loads(line)
    assert data["schema"] == 1
    assert data["date"] == "2016-10-06"
    assert data["casualties"][0]["date"] == {"start": "2016-10-05", "end": None, "precision": "day"}
    assert data["casualties"][0]["evidence"] == {"where": ["في", 17, 19]}
    assert data["casualties"][0]["by"] is None


@given(st.text(st.characters(codec=None, exclude_categories=()), max_size=30), st.text(max_size=5))
@settings(max_examples=60)
def test_any_text_survives(text: str, identity: str) -> None:
    spans = (Span(0, len(text), "EVENT", text, 0.5),) if text else ()
    document = Document(identity, text, spans, meta={"key": text})
    line = document.to_json()
    assert Document.from_json(line) == document
    assert Document.from_json(line.encode("utf-8").decode("utf-8")) == document


def test_half_a_surrogate_pair_is_escaped() -> None:
    line = Document("1", "قتل \ud800").to_json()
    assert "\\ud800" in line
    assert line.encode("utf-8")


def test_a_span_that_does_not_match_the_text_is_refused() -> None:
    moved = dataclasses.replace(WHOLE, text=" " + TEXT)
    with pytest.raises(ValueError, match="span 4-16 does not match"):
        Document.from_json(moved.to_json())


def test_another_schema_is_refused() -> None:
    with pytest.raises(ValueError, match="schema 2 is not 1"):
        Document.from_json(dataclasses.replace(WHOLE, schema=2).to_json())


def test_fields_of_a_later_minor_version_are_passed_over() -> None:
    data = json.loads(WHOLE.to_json())
    assert Document.from_json(json.dumps({**data, "later": 1})) == WHOLE


def test_what_crosses_borders_cannot_be_changed() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        WHOLE.spans[0].start = 3  # type: ignore[misc]
    assert not hasattr(WHOLE, "__dict__")
