"""Checkpoints of a run: which is the newest complete one, and a tokenizer class that old and new load."""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

from safetensors import SafetensorError, safe_open

_NEEDED = ("optimizer.pt", "scheduler.pt", "trainer_state.json", "config.json")
_log = logging.getLogger(__name__)


def newest_complete(out: Path) -> Path | None:
    """The newest `checkpoint-N` of `out` that holds all a resumed run needs; others are warned of."""
    found = [path for path in out.glob("checkpoint-*") if re.fullmatch(r"checkpoint-\d+", path.name)]
    for path in sorted(found, key=lambda p: int(p.name.split("-")[1]), reverse=True):
        fault = incomplete(path)
        if fault is None:
            return path
        _log.warning("%s: %s; passed over for an older checkpoint", path, fault)
    return None


def incomplete(path: Path) -> str | None:
    """What keeps a checkpoint from being resumed, or None."""
    for name in _NEEDED:
        if not (path / name).is_file() or (path / name).stat().st_size == 0:
            return f"{name} is missing or empty"
    if not list(path.glob("rng_state*.pth")):
        return "rng_state is missing"
    try:
        json.loads((path / "trainer_state.json").read_text(encoding="utf-8"))
        with safe_open(path / "model.safetensors", framework="pt") as weights:
            list(weights.keys())
    except (OSError, ValueError, SafetensorError) as error:
        return str(error)
    return None


def write_plain_tokenizer_class(folder: Path) -> None:
    """Name the class `PreTrainedTokenizerFast`: transformers 5 writes a name that 4.5x cannot load."""
    path = folder / "tokenizer_config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["tokenizer_class"] = "PreTrainedTokenizerFast"
    path.write_text(json.dumps(config, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
