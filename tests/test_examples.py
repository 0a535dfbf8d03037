"""Training documents into windows of labelled pieces, and into batches."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from tokenizers import Tokenizer

from hasila.document import Span
from hasila.labels import TAGS
from training.align import IGNORED
from training.corpora import TrainingDocument
from training.examples import Collator, build
from training.recipe import Recipe

RECIPE = Recipe(name="x", base="x", window=48, overlap=8)


def documents(composed: list[dict[str, Any]], count: int) -> list[TrainingDocument]:
    return [
        TrainingDocument(
            row["id"],
            "train",
            "composed",
            None,
            0,
            row["text"],
            tuple(
                Span(s["start"], s["end"], s["label"], row["text"][s["start"] : s["end"]])
                for s in row["spans"]
            ),
        )
        for row in composed[:count]
    ]


def test_every_span_begins_once_in_a_piece_that_its_window_owns(
    either_tokenizer: Tokenizer, composed: list[dict[str, Any]]
) -> None:
    learned = documents(composed, 3)
    examples = build(learned, either_tokenizer, RECIPE, inner=True)
    assert examples.lost == ()
    rows = iter(examples.dataset)
    for document, pieces, windows in zip(learned, examples.pieces, examples.windows, strict=True):
        owned: list[int] = []
        for window in windows:
            row = next(rows)
            assert row["length"] == len(row["input_ids"]) == len(row["labels"]) <= 48
            assert row["labels"][0] == row["labels"][-1] == IGNORED
            assert tuple(row["input_ids"][1:-1]) == pieces.ids[window.start : window.end]
            owned += row["labels"][1:-1][window.own_start - window.start : window.own_end - window.start]
        begins = [TAGS[label] for label in owned if label > 0 and TAGS[label].startswith("B-")]
        assert begins == [f"B-{span.label}" for span in document.spans]
    assert next(rows, None) is None


def test_what_pieces_cannot_express_is_shown(either_tokenizer: Tokenizer) -> None:
    crooked = TrainingDocument("d", "train", "ant", None, 0, "قتل ثلاثة", (Span(1, 3, "EVENT", "تل"),))
    assert build([crooked], either_tokenizer, RECIPE, inner=True).lost == ("d: EVENT 'تل'",)


def _rows() -> list[dict[str, Any]]:
    return [
        {"input_ids": [0, *range(10, 18), 2], "labels": [IGNORED, *range(8), IGNORED], "length": 10},
        {"input_ids": [0, 10, 2], "labels": [IGNORED, 5, IGNORED], "length": 3},
    ]


def test_batches_are_padded_and_padding_is_no_example() -> None:
    batch = Collator(pad_id=1, mask_id=4, masked=0.0)(_rows())
    assert {name: tuple(value.shape) for name, value in batch.items()} == {
        "input_ids": (2, 10),
        "attention_mask": (2, 10),
        "labels": (2, 10),
    }
    assert batch["input_ids"][1].tolist() == [0, 10, 2, *[1] * 7]
    assert batch["labels"][1].tolist() == [IGNORED, 5, IGNORED, *[IGNORED] * 7]
    assert batch["attention_mask"].sum(dim=1).tolist() == [10, 3]


def test_pieces_are_hidden_while_training_only_and_never_the_frame() -> None:
    hiding = Collator(pad_id=1, mask_id=4, masked=1.0)
    ids = hiding(_rows())["input_ids"]
    assert ids[0].tolist() == [0, *[4] * 8, 2]
    assert ids[1].tolist() == [0, 4, 2, *[1] * 7]
    with torch.no_grad():
        assert hiding(_rows())["input_ids"][0].tolist() == [0, *range(10, 18), 2]


@pytest.mark.parametrize("mask_id", [None, 4])
def test_a_share_is_hidden(mask_id: int | None) -> None:
    torch.manual_seed(1)
    rows = [{"input_ids": [9] * 4000, "labels": [0] * 4000, "length": 4000}]
    ids = Collator(pad_id=1, mask_id=mask_id, masked=0.1)(rows)["input_ids"]
    share = float((ids == 4).float().mean())
    assert share == (0 if mask_id is None else pytest.approx(0.1, abs=0.03))
