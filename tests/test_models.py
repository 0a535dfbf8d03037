"""Finding a model and refusing a bad one: each time one line that names the file."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from hasila import models
from hasila.labels import TAGS
from hasila.models import ModelError, load
from hasila.tagger import Tagger

Copy = Callable[[Path], Path]


def refusal(folder: Path | str) -> str:
    """The one line with which a model is refused."""
    with pytest.raises(ModelError) as caught:
        Tagger.from_pretrained(str(folder))
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


def change_config(folder: Path, **changes: object) -> None:
    path = folder / "config.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **changes}), encoding="utf-8")


def test_a_verified_folder_is_loaded(onnx_folder: Path) -> None:
    model = load(str(onnx_folder))
    assert (model.name, model.version, model.title) == ("tiny", "0.0.1", "hasila-tiny@0.0.1")
    assert model.is_onnx
    assert model.columns == tuple(range(29))
    assert model.manifest["scores"] == {"exact_f1": 1.5}


def test_a_plain_checkpoint_is_called_by_its_folder(checkpoint: Path) -> None:
    model = load(str(checkpoint))
    assert not model.is_onnx
    assert model.title == checkpoint.name


def test_labels_in_another_order_are_ours_too(checkpoint: Path, copy_of: Copy) -> None:
    folder = copy_of(checkpoint)
    change_config(folder, id2label={str(28 - index): tag for index, tag in enumerate(TAGS)})
    assert load(str(folder)).columns == tuple(range(28, -1, -1))


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_missing_file(onnx_folder: Path, copy_of: Copy, name: str) -> None:
    folder = copy_of(onnx_folder)
    (folder / name).unlink()
    assert f"{name} is missing" in refusal(folder)


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_flipped_byte(onnx_folder: Path, copy_of: Copy, name: str) -> None:
    folder = copy_of(onnx_folder)
    data = bytearray((folder / name).read_bytes())
    data[len(data) // 2] ^= 1
    (folder / name).write_bytes(data)
    message = refusal(folder)
    assert f"{folder / name}: damaged" in message
    assert "sha256" in message


@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "model.onnx"])
def test_a_file_that_the_manifest_does_not_vouch_for(onnx_folder: Path, copy_of: Copy, name: str) -> None:
    folder = copy_of(onnx_folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    del manifest["files"][name]
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    message = refusal(folder)
    assert "manifest.json" in message
    assert name in message


def test_a_missing_manifest(onnx_folder: Path, copy_of: Copy) -> None:
    folder = copy_of(onnx_folder)
    (folder / "manifest.json").unlink()
    assert "manifest.json is missing" in refusal(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"files": {}}', '{"files": []}'])
def test_a_broken_manifest(onnx_folder: Path, copy_of: Copy, content: str) -> None:
    folder = copy_of(onnx_folder)
    (folder / "manifest.json").write_text(content, encoding="utf-8")
    assert "manifest.json" in refusal(folder)


def test_a_manifest_cannot_point_outside_its_folder(onnx_folder: Path, copy_of: Copy) -> None:
    folder = copy_of(onnx_folder)
    manifest = json.loads((folder / "manifest.json").read_text("utf-8"))
    manifest["files"]["../outside"] = "0" * 64
    (folder.parent / "outside").write_bytes(b"")
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    assert "../outside is missing" in refusal(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "\udc80".encode("utf-8", "surrogateescape")])
def test_a_broken_config(checkpoint: Path, copy_of: Copy, content: str | bytes) -> None:
    folder = copy_of(checkpoint)
    (folder / "config.json").write_bytes(content.encode() if isinstance(content, str) else content)
    assert "config.json" in refusal(folder)


@pytest.mark.parametrize(
    "labels",
    [
        {"0": "O", "1": "B-PER", "2": "I-PER"},
        {str(i): f"LABEL_{i}" for i in range(29)},
        {},
        None,
        {str(i): tag for i, tag in enumerate(TAGS[:-2])},
        {"first": "O"},
        ["O"],
    ],
    ids=["PER", "LABEL_0", "none", "null", "27 of 29", "no numbers", "a list"],
)
def test_a_strangers_labels(checkpoint: Path, copy_of: Copy, labels: object) -> None:
    folder = copy_of(checkpoint)
    change_config(folder, id2label=labels)
    assert "labels are not Hasila's" in refusal(folder)


@pytest.mark.parametrize("architectures", [["BertForMaskedLM"], ["BertModel"], [], None])
def test_what_is_no_token_classifier(checkpoint: Path, copy_of: Copy, architectures: object) -> None:
    folder = copy_of(checkpoint)
    change_config(folder, architectures=architectures)
    assert "is no token classifier" in refusal(folder)


def test_an_encoder_without_a_trained_head(checkpoint: Path, copy_of: Copy) -> None:
    from safetensors.torch import load_file, save_file

    folder = copy_of(checkpoint)
    weights = load_file(folder / "model.safetensors")
    headless = {name: value for name, value in weights.items() if not name.startswith("classifier")}
    save_file(headless, folder / "model.safetensors", metadata={"format": "pt"})
    message = refusal(folder)
    assert "model.safetensors" in message
    assert "no trained head" in message


def test_a_head_of_another_size(checkpoint: Path, copy_of: Copy, capfd: pytest.CaptureFixture[str]) -> None:
    from safetensors.torch import load_file, save_file

    folder = copy_of(checkpoint)
    weights = load_file(folder / "model.safetensors")
    weights["classifier.weight"] = weights["classifier.weight"][:9].clone()
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    message = refusal(folder)
    assert "model.safetensors" in message
    assert "classifier.weight" in message
    assert capfd.readouterr().err == ""


def test_a_layer_that_is_not_there(checkpoint: Path, copy_of: Copy) -> None:
    from safetensors.torch import load_file, save_file

    folder = copy_of(checkpoint)
    weights = load_file(folder / "model.safetensors")
    name = "bert.encoder.layer.1.output.dense.weight"
    del weights[name]
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    assert name in refusal(folder)


def test_weights_that_end_too_soon(checkpoint: Path, copy_of: Copy) -> None:
    folder = copy_of(checkpoint)
    data = (folder / "model.safetensors").read_bytes()
    (folder / "model.safetensors").write_bytes(data[: len(data) // 2])
    assert "model.safetensors" in refusal(folder)


def test_no_weights_at_all(checkpoint: Path, copy_of: Copy) -> None:
    folder = copy_of(checkpoint)
    (folder / "model.safetensors").unlink()
    assert "neither model.onnx nor model.safetensors" in refusal(folder)


def test_a_graph_that_is_none(
    onnx_folder: Path, copy_of: Copy, manifest_writer: Callable[[Path], None]
) -> None:
    folder = copy_of(onnx_folder)
    (folder / "model.onnx").write_bytes(b"not a graph")
    manifest_writer(folder)
    assert str(folder / "model.onnx") in refusal(folder)


def test_a_tokenizer_that_is_none(
    onnx_folder: Path, copy_of: Copy, manifest_writer: Callable[[Path], None]
) -> None:
    folder = copy_of(onnx_folder)
    (folder / "tokenizer.json").write_text("{}", encoding="utf-8")
    manifest_writer(folder)
    assert str(folder / "tokenizer.json") in refusal(folder)


def test_a_name_that_is_nowhere() -> None:
    assert "no such model" in refusal("aubmindlab/nothing")


def test_the_embedded_model_is_whole(small: str) -> None:
    assert models.embedded()[0] == small
    model = load(small)
    assert model.is_onnx
    assert model.version
    assert sum(path.stat().st_size for path in model.folder.iterdir()) <= 32e6
