"""A recipe: a frozen dataclass read from one TOML file under `configs/`.

`Recipe` says what a fine-tuning run is: which encoder, which parts of the gold, how long and how fast;
`training.pretrain` has one of its own, and the same reader. What a machine needs (processes, GPUs) is
`accelerate`'s; where a run writes is the command line's.
"""

from __future__ import annotations

import tomllib
from dataclasses import MISSING, dataclass, fields
from pathlib import Path
from typing import Any, TypeVar, overload

Kind = TypeVar("Kind")


class RecipeError(ValueError):
    """A recipe that cannot be run; the message names the file and the key."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """One run. Lengths are in pieces, `learning_rate` is AdamW's peak (linear decay after warm-up)."""

    name: str
    base: str  # a folder or a hub name
    revision: str | None = None  # pinned for hub names
    parts: tuple[str, ...] = ("train",)
    epochs: float = 12.0
    # The schedule may be longer than the run: `epochs` of it are run, so that a run on other parts
    # can stop where dev said the first one was best.
    schedule_epochs: float | None = None
    batch_size: int = 8  # windows a step a process
    accumulation: int = 1
    learning_rate: float = 4e-4
    warmup: float = 0.1  # share of the steps
    weight_decay: float = 0.01
    window: int = 192
    overlap: int = 16
    masked: float = 0.05  # share of input pieces hidden behind the mask token while training
    dropout: float = 0.1  # of the hidden states; BERT's own
    # Without it torch's CPU attention runs fused, 1.6 times as fast a step; 0.1 is BERT's own.
    attention_dropout: float = 0.0
    inner_pieces: bool = True  # also train the pieces inside a word, as continuation of its span
    bf16: bool = True
    seed: int = 1
    evaluate_on: str = "dev"
    arabert_normalizer: bool = False  # put AraBERT's preprocessing into tokenizer.json


@overload
def read(path: Path) -> Recipe: ...
@overload
def read(path: Path, kind: type[Kind]) -> Kind: ...
def read(path: Path, kind: Any = Recipe) -> Any:
    """The recipe in `path`, a dataclass of type `kind`.

    Raises RecipeError on unknown or missing keys and wrong types.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise RecipeError(f"{path}: {error}") from error
    known = {field.name: str(field.type) for field in fields(kind)}
    for key, value in data.items():
        if key not in known:
            raise RecipeError(f"{path}: unknown key {key!r}; known are {', '.join(known)}")
        data[key] = _checked(path, key, value, known[key])
    missing = [f.name for f in fields(kind) if f.default is MISSING and f.name not in data]
    if missing:
        raise RecipeError(f"{path}: missing key {missing[0]!r}")
    return kind(**data)


def _checked(path: Path, key: str, value: object, kind: str) -> object:
    if kind.startswith("tuple") and isinstance(value, list) and all(isinstance(v, str) for v in value):
        return tuple(value)
    if kind.startswith("float") and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    wanted = {"str": str, "float": float, "int": int, "bool": bool}.get(kind.split(" ", maxsplit=1)[0])
    if wanted is None or type(value) is not wanted:
        raise RecipeError(f"{path}: {key} must be {kind}, not {value!r}")
    return value
