"""Windows of several lengths as one batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch


def padded(rows: Sequence[dict[str, Any]], name: str, fill: int) -> torch.Tensor:
    """(rows, longest) of the lists `row[name]`, the shorter ones filled up with `fill`."""
    longest = max(len(row[name]) for row in rows)
    batch = torch.full((len(rows), longest), fill)
    for index, row in enumerate(rows):
        batch[index, : len(row[name])] = torch.as_tensor(row[name])
    return batch


def attention(rows: Sequence[dict[str, Any]]) -> torch.Tensor:
    """(rows, longest): 1 at the pieces of each window, 0 at its padding."""
    return padded([{"pieces": [1] * len(row["input_ids"])} for row in rows], "pieces", 0)
