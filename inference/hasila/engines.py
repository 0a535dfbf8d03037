"""What runs the network: ONNX Runtime by default, PyTorch for plain checkpoints (extra `torch`).

An engine takes one framed window of piece ids and returns its logits. Windows are run one at a time,
so an answer cannot depend on what else is being read: dynamic int8 takes its scales over the batch.
"""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from hasila.models import ONNX, WEIGHTS, Model, ModelError
from hasila.windows import Logits


class Engine(Protocol):
    """Logits (pieces, tags in the model's own order) of one framed window."""

    def logits(self, ids: Sequence[int]) -> Logits: ...


def open_engine(model: Model) -> Engine:
    """The engine that the model's files call for. Raises ModelError."""
    return OnnxEngine(model.folder / ONNX) if model.is_onnx else TorchEngine(model.folder)


class OnnxEngine:
    """ONNX Runtime on the CPU, one thread: its threads spin, and processes share out the cores better."""

    def __init__(self, path: Path) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        try:
            self._session: Any = onnxruntime.InferenceSession(
                str(path), options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime raises classes of its own for each fault
            raise ModelError(f"{path}: {str(error).splitlines()[0]}") from error

    def logits(self, ids: Sequence[int]) -> Logits:
        batch = np.asarray([ids], dtype=np.int64)
        feed = {"input_ids": batch, "attention_mask": np.ones_like(batch)}
        answer: Logits = self._session.run(["logits"], feed)[0][0]
        return answer


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Without the report and the progress bar of transformers' loading; what it says is checked instead."""
    import transformers

    logging: Any = transformers.utils.logging
    level, bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        logging.set_verbosity(level)
        if bar:
            logging.enable_progress_bar()


class TorchEngine:
    """A safetensors checkpoint through transformers, in fp32, never with remote code."""

    def __init__(self, folder: Path) -> None:
        if not all(importlib.util.find_spec(name) for name in ("torch", "transformers", "safetensors")):
            raise ModelError(f"{folder}: a plain checkpoint needs torch: pip install 'hasila[torch]'")
        import torch
        from safetensors import SafetensorError, safe_open
        from transformers import AutoModelForTokenClassification

        try:
            with safe_open(folder / WEIGHTS, framework="pt") as weights:
                names = set(weights.keys())
        except SafetensorError as error:
            raise ModelError(f"{folder / WEIGHTS}: {error}") from error
        if "classifier.weight" not in names:
            raise ModelError(f"{folder / WEIGHTS}: has no trained head (classifier.weight)")
        with _quiet():
            model, info = AutoModelForTokenClassification.from_pretrained(
                folder,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=False,
                ignore_mismatched_sizes=True,  # to name them below
                output_loading_info=True,
            )
        # transformers would fill these with random numbers and go on.
        unfit = {*info["missing_keys"], *(str(key[0]) for key in info["mismatched_keys"])}
        if unfit:
            raise ModelError(f"{folder / WEIGHTS}: lacks or misshapes {', '.join(sorted(unfit))}")
        self._torch = torch
        self._model = model.eval()

    def logits(self, ids: Sequence[int]) -> Logits:
        with self._torch.inference_mode():
            answer: Logits = self._model(input_ids=self._torch.tensor([list(ids)])).logits[0].numpy()
        return answer
