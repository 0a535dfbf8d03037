"""Predictions as stand-off: in the article's own offsets, written and read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hasila.document import Span
from training import predictions
from training.corpora import TrainingDocument


def test_a_stretch_is_read_alone_and_its_spans_shifted_back(
    tagger: Any, composed: list[dict[str, Any]]
) -> None:
    text = composed[0]["text"]
    article = "عنوان لا يقرأ " + text + " وختام"
    document = TrainingDocument("a", "dev", "ant", None, article.index(text), text, ())
    found = predictions.predict(tagger, [document])["a"]
    assert len(found) == len(tagger.tag(text).spans) > 5
    for span in found:
        assert article[span.start : span.end] == span.text


def test_what_was_written_is_read_without_the_articles_words(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "x.jsonl"
    predictions.write({"a": (Span(3, 9, "KILLED", "ثلاثة", 0.5),), "b": ()}, path)
    assert "ثلاثة" not in path.read_text("utf-8")
    assert predictions.read(path) == {"a": (Span(3, 9, "KILLED", "", 0.5),), "b": ()}


@pytest.mark.parametrize("line", ["{", "[]", '{"id": "a"}', '{"id": "a", "spans": [[1, 2]]}'])
def test_a_broken_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"id": "b", "spans": []}\n' + line + "\n", encoding="utf-8")
    with pytest.raises(ValueError, match=r"x\.jsonl:2: "):
        predictions.read(path)
