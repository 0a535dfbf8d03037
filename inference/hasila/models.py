"""Finding a model, and proving that its files are what its maker wrote.

A model is a folder: `config.json` (labels), `tokenizer.json` and either `model.onnx` with a
`manifest.json` that holds the sha256 of every file, or a transformers checkpoint in safetensors.
Nothing is ever run from it, and nothing is fetched.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hasila.labels import TAGS

EMBEDDED = Path(__file__).parent / "model"
DEFAULT = "small"
ONNX = "model.onnx"
WEIGHTS = "model.safetensors"
_READ = ("config.json", "tokenizer.json", ONNX, WEIGHTS)  # what answers depend on


class ModelError(ValueError):
    """A model that cannot be used; one line that names the folder and the file."""


@dataclass(frozen=True, slots=True)
class Model:
    """A verified model folder. `columns[t]` is the model's output column of `labels.TAGS[t]`."""

    name: str
    folder: Path
    columns: tuple[int, ...]
    version: str | None = None
    temperature: float = 1.0
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What records say they were made with: `hasila-small@0.1.0`, or the folder's name."""
        return f"hasila-{self.name}@{self.version}" if self.version else self.name

    @property
    def is_onnx(self) -> bool:
        """Whether ONNX Runtime runs it; else it is a transformers checkpoint."""
        return (self.folder / ONNX).is_file()


def embedded() -> list[str]:
    """Names of the models inside the package, the default first."""
    names = sorted(path.parent.name for path in EMBEDDED.glob("*/manifest.json"))
    return sorted(names, key=lambda name: name != DEFAULT)


def locate(name: str) -> Path:
    """The folder of an embedded name or a folder as given. Raises ModelError."""
    if name in embedded():
        return EMBEDDED / name
    if Path(name).is_dir():
        return Path(name)
    known = ", ".join(embedded()) or "none"
    raise ModelError(f"{name}: no such model; embedded are {known}, or name a folder")


def load(name: str = DEFAULT) -> Model:
    """The model of this name, its files verified. Raises ModelError."""
    folder = locate(name)
    manifest: dict[str, Any] = {}
    if (folder / "manifest.json").is_file():
        manifest = _read_json(folder / "manifest.json")
        _verify(folder, manifest)
    elif (folder / ONNX).is_file():
        raise ModelError(f"{folder}: manifest.json is missing")
    columns = _columns(folder, _read_json(folder / "config.json"))
    if not (folder / "tokenizer.json").is_file():
        raise ModelError(f"{folder}: tokenizer.json is missing")
    if not (folder / ONNX).is_file() and not (folder / WEIGHTS).is_file():
        raise ModelError(f"{folder}: neither {ONNX} nor {WEIGHTS} is there")
    return Model(
        name=manifest.get("name", folder.resolve().name),
        folder=folder,
        columns=columns,
        version=manifest.get("version"),
        temperature=float(manifest.get("temperature", 1.0)),
        manifest=manifest,
    )


def _read_json(path: Path) -> dict[str, Any]:
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ModelError(f"{path.parent}: {path.name} is missing") from None
    except (OSError, ValueError) as error:
        raise ModelError(f"{path}: {error}") from error
    if not isinstance(data, dict):
        raise ModelError(f"{path}: not a JSON object")
    return data


def _verify(folder: Path, manifest: dict[str, Any]) -> None:
    """Every file that the manifest lists is there and has its sha256."""
    files = manifest.get("files")
    if not isinstance(files, dict) or not files:
        raise ModelError(f"{folder / 'manifest.json'}: lists no files")
    for name in _READ:
        if name not in files and (folder / name).is_file():
            raise ModelError(f"{folder / 'manifest.json'}: does not list {name}")
    for name, wanted in files.items():
        path = folder / name
        if Path(name).name != name or not path.is_file():
            raise ModelError(f"{folder}: {name} is missing")
        with path.open("rb") as source:
            found = hashlib.file_digest(source, "sha256").hexdigest()
        if found != wanted:
            raise ModelError(
                f"{path}: damaged: its sha256 is {found[:12]}…, the manifest says {wanted[:12]}…"
            )


def _columns(folder: Path, config: dict[str, Any]) -> tuple[int, ...]:
    """The output column of each of our tags; a stranger's labels are refused by name."""
    architectures = config.get("architectures") or []
    if not any(str(name).endswith("ForTokenClassification") for name in architectures):
        raise ModelError(f"{folder}: {', '.join(map(str, architectures)) or 'it'} is no token classifier")
    given = config.get("id2label")
    pairs = given.items() if isinstance(given, dict) else ()
    labels = {str(label): int(index) for index, label in pairs if index.isdecimal()}
    if set(labels) != set(TAGS):
        strange = sorted(set(labels) - set(TAGS))[:3] or sorted(set(TAGS) - set(labels))[:3]
        raise ModelError(f"{folder}: its labels are not Hasila's 14 ({', '.join(strange)}, …)")
    return tuple(labels[tag] for tag in TAGS)
