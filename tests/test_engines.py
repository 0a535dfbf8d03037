"""Engines: ONNX Runtime and torch agree, and an answer does not depend on its neighbours."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer

from hasila import engines, models, windows
from hasila.engines import OnnxEngine, TorchEngine, open_engine
from hasila.models import ModelError
from hasila.tagger import Tagger
from training.align import with_word_edges


@pytest.fixture(scope="module")
def ids(unigram: Tokenizer, composed: list[dict[str, Any]]) -> tuple[int, ...]:
    prefix, suffix = windows.frame(unigram)
    pieces = windows.encode(with_word_edges(unigram), composed[0]["text"])
    return (*prefix, *pieces.ids[:200], *suffix)


def test_the_files_say_which_engine(onnx_folder: Path, checkpoint: Path) -> None:
    assert isinstance(open_engine(models.load(str(onnx_folder))), OnnxEngine)
    assert isinstance(open_engine(models.load(str(checkpoint))), TorchEngine)


def test_the_exported_graph_answers_as_torch_does(
    checkpoint: Path, fp32_onnx: Path, ids: tuple[int, ...]
) -> None:
    torch_answer, onnx_answer = TorchEngine(checkpoint).logits(ids), OnnxEngine(fp32_onnx).logits(ids)
    assert torch_answer.shape == onnx_answer.shape == (len(ids), 29)
    assert torch_answer.dtype == onnx_answer.dtype == np.float32
    np.testing.assert_allclose(onnx_answer, torch_answer, atol=2e-4)


def test_int8_stays_close(onnx_folder: Path, checkpoint: Path, ids: tuple[int, ...]) -> None:
    plain, quantized = TorchEngine(checkpoint).logits(ids), OnnxEngine(onnx_folder / "model.onnx").logits(ids)
    assert np.abs(plain - quantized).mean() < 0.05 * plain.std()
    assert (plain.argmax(axis=1) == quantized.argmax(axis=1)).mean() > 0.8


@pytest.mark.parametrize("name", ["checkpoint", "onnx_folder"])
def test_an_answer_does_not_depend_on_its_neighbours(
    request: pytest.FixtureRequest, name: str, composed: list[dict[str, Any]]
) -> None:
    tagger = Tagger.from_pretrained(str(request.getfixturevalue(name)))
    texts = [document["text"] for document in composed[:4]]
    alone = [tagger.tag(text) for text in texts]
    assert [tagger.tag(text) for text in reversed(texts)][::-1] == alone
    again = Tagger.from_pretrained(str(request.getfixturevalue(name)))
    assert again.tag(texts[2]) == alone[2]


def test_both_engines_find_nearly_the_same(
    checkpoint: Path, onnx_folder: Path, composed: list[dict[str, Any]]
) -> None:
    one, other = (Tagger.from_pretrained(str(folder)) for folder in (checkpoint, onnx_folder))
    text = composed[1]["text"]
    plain, quantized = ({(s.start, s.end, s.label) for s in t.tag(text).spans} for t in (one, other))
    assert len(plain & quantized) > 0.8 * len(plain)


def test_without_torch_a_checkpoint_says_what_to_install(
    checkpoint: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"pip install 'hasila\[torch\]'"):
        TorchEngine(checkpoint)
