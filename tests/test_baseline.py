"""The regex floor: spans in order at true offsets, whatever the text."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from hasila.labels import LABELS
from training.baseline import spans


def test_plain_claims_are_found() -> None:
    found = {(s.text, s.label) for s in spans("قُتل 23 مدنيا وأصيب خمسة أشخاص في قصف على مدينة حلب أمس")}
    assert {("23 مدنيا", "KILLED"), ("خمسة أشخاص", "INJURED"), ("قصف", "EVENT"), ("أمس", "DATE")} <= found


@given(
    st.lists(
        st.sampled_from(["قُتل", "23", "مدنيًا", "و", "أمس", "قصف", "،", "\u200f", "جرحى", "ﻻ"]), max_size=25
    )
)
@settings(max_examples=60)
def test_spans_stand_in_order_at_true_offsets(parts: list[str]) -> None:
    text = " ".join(parts)
    before = 0
    for span in spans(text):
        assert before <= span.start < span.end
        assert text[span.start : span.end] == span.text
        assert span.label in LABELS
        before = span.end


def test_it_finds_something_in_composed_texts(composed: list[dict[str, Any]]) -> None:
    found = [spans(document["text"]) for document in composed[:5]]
    assert sum(map(len, found)) > 20
