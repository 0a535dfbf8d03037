"""Checkpoints: the newest complete one is chosen, and what is damaged is passed over aloud."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from training.checkpoints import incomplete, newest_complete, write_plain_tokenizer_class

NEEDED = ("optimizer.pt", "scheduler.pt", "trainer_state.json", "config.json", "model.safetensors")


def checkpoint(out: Path, step: int) -> Path:
    folder = out / f"checkpoint-{step}"
    folder.mkdir()
    for name in ("optimizer.pt", "scheduler.pt", "rng_state.pth"):
        (folder / name).write_bytes(b"x")
    for name in ("trainer_state.json", "config.json"):
        (folder / name).write_text("{}", encoding="utf-8")
    save_file({"weight": torch.zeros(100)}, folder / "model.safetensors")
    return folder


def test_the_newest_by_number_and_not_by_name(tmp_path: Path) -> None:
    for step in (9, 100, 20):
        checkpoint(tmp_path, step)
    (tmp_path / "checkpoint-best").mkdir()
    (tmp_path / "checkpoint-7-old").mkdir()
    assert newest_complete(tmp_path) == tmp_path / "checkpoint-100"


def test_none_where_there_is_none(tmp_path: Path) -> None:
    assert newest_complete(tmp_path) is None
    assert newest_complete(tmp_path / "nowhere") is None


def _truncate(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-1])


DAMAGE: dict[str, Callable[[Path], object]] = {
    **{f"no {name}": (lambda folder, name=name: (folder / name).unlink()) for name in NEEDED},
    **{f"empty {name}": (lambda folder, name=name: (folder / name).write_bytes(b"")) for name in NEEDED},
    "no random state": lambda folder: (folder / "rng_state.pth").unlink(),
    "truncated weights": _truncate("model.safetensors"),
    "truncated state": _truncate("trainer_state.json"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_a_damaged_newest_is_passed_over_and_named(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    older, newest = checkpoint(tmp_path, 10), checkpoint(tmp_path, 20)
    DAMAGE[name](newest)
    assert incomplete(newest)
    with caplog.at_level(logging.WARNING):
        assert newest_complete(tmp_path) == older
    assert str(newest) in caplog.text
    assert "passed over" in caplog.text


def test_random_states_of_several_processes_count(tmp_path: Path) -> None:
    folder = checkpoint(tmp_path, 1)
    (folder / "rng_state.pth").rename(folder / "rng_state_0.pth")
    assert incomplete(folder) is None


def test_the_tokenizer_class_is_one_that_older_transformers_know(tmp_path: Path) -> None:
    path = tmp_path / "tokenizer_config.json"
    path.write_text(json.dumps({"tokenizer_class": "TokenizersBackend", "pad_token": "«"}), encoding="utf-8")
    write_plain_tokenizer_class(tmp_path)
    written = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "«"}
    assert json.loads(path.read_text("utf-8")) == written
