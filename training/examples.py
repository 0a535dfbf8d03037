"""Training documents into windows of labelled pieces: a `datasets.Dataset`, and its batches.

The same `windows.encode` and `windows.cut` as at inference make them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from datasets import Dataset
from tokenizers import Tokenizer

from hasila.windows import Pieces, Window, cut, encode, frame
from training.align import IGNORED, align
from training.corpora import TrainingDocument
from training.padding import attention, padded
from training.recipe import Recipe


@dataclass(frozen=True, slots=True)
class Examples:
    """Windows of documents in order, `pieces` and `windows` of each document, and what was lost."""

    dataset: Dataset
    pieces: tuple[Pieces, ...]
    windows: tuple[tuple[Window, ...], ...]
    lost: tuple[str, ...]


def build(
    documents: Sequence[TrainingDocument], tokenizer: Tokenizer, recipe: Recipe, inner: bool
) -> Examples:
    """Cut and label every document. `lost` shows each span that piece borders cannot express."""
    prefix, suffix = frame(tokenizer)
    rows: list[dict[str, Any]] = []
    lost: list[str] = []
    all_pieces, all_windows = [], []
    for document in documents:
        pieces = encode(tokenizer, document.text)
        aligned = align(pieces, document.spans, inner)
        lost.extend(f"{document.id}: {s.label} {s.text!r}" for s in aligned.lost)
        windows = cut(pieces, recipe.window - len(prefix) - len(suffix), recipe.overlap)
        for window in windows:
            ids = [*prefix, *pieces.ids[window.start : window.end], *suffix]
            labels = aligned.labels[window.start : window.end]
            framed = [*[IGNORED] * len(prefix), *labels, *[IGNORED] * len(suffix)]
            rows.append({"input_ids": ids, "labels": framed, "length": len(ids)})
        all_pieces.append(pieces)
        all_windows.append(tuple(windows))
    return Examples(Dataset.from_list(rows), tuple(all_pieces), tuple(all_windows), tuple(lost))


@dataclass(frozen=True, slots=True)
class Collator:
    """Pads windows to one length; while training, hides a share of the pieces behind the mask token."""

    pad_id: int
    mask_id: int | None
    masked: float

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """(batch, length) tensors input_ids, attention_mask and labels."""
        ids, labels = padded(rows, "input_ids", self.pad_id), padded(rows, "labels", IGNORED)
        training = torch.is_grad_enabled()
        if training and self.masked and self.mask_id is not None:
            hidden = (torch.rand(ids.shape) < self.masked) & (labels != IGNORED)
            ids = ids.masked_fill(hidden, self.mask_id)
        return {"input_ids": ids, "attention_mask": attention(rows), "labels": labels}
