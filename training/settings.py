"""What fine-tuning and masked-LM ask of Trainer alike."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import torch


class Optimized(Protocol):
    """The part of a recipe that says how a run optimizes."""

    @property
    def batch_size(self) -> int: ...
    @property
    def accumulation(self) -> int: ...
    @property
    def learning_rate(self) -> float: ...
    @property
    def warmup(self) -> float: ...
    @property
    def weight_decay(self) -> float: ...
    @property
    def bf16(self) -> bool: ...
    @property
    def seed(self) -> int: ...


def settings(recipe: Optimized, out: Path, max_steps: int) -> dict[str, Any]:
    """Arguments of `TrainingArguments`: on a GPU where there is one, windows of like length together."""
    return {
        "output_dir": str(out),
        "max_steps": max_steps,
        "per_device_train_batch_size": recipe.batch_size,
        "per_device_eval_batch_size": recipe.batch_size,
        "gradient_accumulation_steps": recipe.accumulation,
        "learning_rate": recipe.learning_rate,
        "warmup_steps": recipe.warmup,
        "weight_decay": recipe.weight_decay,
        "bf16": recipe.bf16,
        "use_cpu": not (torch.cuda.is_available() or torch.backends.mps.is_available()),
        "seed": recipe.seed,
        "train_sampling_strategy": "group_by_length",
        "save_total_limit": 2,
        "logging_steps": 25,
        "report_to": "none",
        "remove_unused_columns": False,
        "label_names": ["labels"],
    }
