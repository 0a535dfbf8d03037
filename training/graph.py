"""A token classifier's network as ONNX: exported, fused, int8, and taken back apart.

The legacy exporter's graph is what `onnxruntime.transformers.optimizer` knows how to fuse into Attention
and SkipLayerNormalization. Dynamic int8 is per channel; weights keep one bit in reserve (`reduce_range`),
since on CPUs without VNNI the product of an unsigned and a signed byte saturates otherwise. Which fused
weight is which parameter is found by value and kept, so that an int8 model can be turned back.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import numpy_helper

Array = NDArray[Any]
HOW_PLAIN, HOW_TURNED = "as it is", "transposed"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a parameter stands in the graph: initializer, turned or not, columns `[start, end)` of it."""

    initializer: str
    how: str = HOW_PLAIN
    start: int | None = None
    end: int | None = None


class _Logits(torch.nn.Module):
    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        return self.model(input_ids=input_ids, attention_mask=attention_mask).logits


def export(model: Any, path: Path) -> None:
    """Write a BERT token classifier as fused fp32 ONNX: input_ids, attention_mask (int64) -> logits."""
    from onnxruntime.transformers import optimizer

    model = model.eval()
    model.set_attn_implementation("eager")  # the form that the optimizer fuses
    ids = torch.arange(5, 37).reshape(2, 16)
    axes = {0: "batch", 1: "pieces"}
    with tempfile.TemporaryDirectory() as folder:
        plain = Path(folder) / "plain.onnx"
        torch.onnx.export(
            _Logits(model).eval(),  # else export puts the model back into training mode
            (ids, torch.ones_like(ids)),
            str(plain),
            input_names=["input_ids", "attention_mask"],
            output_names=["logits"],
            dynamic_axes={"input_ids": axes, "attention_mask": axes, "logits": axes},
            opset_version=17,
            dynamo=False,
        )
        config = model.config
        fused = optimizer.optimize_model(
            str(plain),
            model_type="bert",
            num_heads=config.num_attention_heads,
            hidden_size=config.hidden_size,
            opt_level=1,
        )
        fused.save_model_to_file(str(path))


def quantize(source: Path, target: Path, *, reduce_range: bool = True) -> None:
    """Dynamic int8, per channel, signed weights."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(
        source,
        target,
        per_channel=True,
        reduce_range=reduce_range,
        weight_type=QuantType.QInt8,
        extra_options={"DefaultTensorType": onnx.TensorProto.FLOAT},
    )


def origins(model: Any, path: Path) -> dict[str, Origin]:
    """Where each parameter of `model` stands in the fused fp32 graph at `path`.

    Raises ValueError that names the parameters found nowhere.
    """
    initializers = _initializers(path)
    found: dict[str, Origin] = {}
    for name, tensor in model.state_dict().items():
        value = tensor.detach().float().numpy()
        if value.dtype.kind == "f" and value.size and "position_ids" not in name:
            place = _place(value, initializers)
            if place is not None:
                found[name] = place
    lost = [n for n, t in model.state_dict().items() if n not in found and t.is_floating_point()]
    if lost:
        raise ValueError(f"not found in the graph: {', '.join(lost)}")
    return found


def _initializers(path: Path) -> dict[str, Array]:
    graph = onnx.load(str(path)).graph
    return {item.name: numpy_helper.to_array(item) for item in graph.initializer}


def _place(value: Array, initializers: dict[str, Array]) -> Origin | None:
    for how, array in ((HOW_PLAIN, value), (HOW_TURNED, value.T)):
        for name, other in initializers.items():
            if other.shape == array.shape and np.array_equal(other, array):
                return Origin(name, how)
    turned = value.T if value.ndim == 2 else value
    for name, other in initializers.items():
        # The fused Attention holds query, key and value side by side in its last dimension.
        if other.ndim != turned.ndim or other.shape[:-1] != turned.shape[:-1]:
            continue
        width = turned.shape[-1]
        for start in range(0, other.shape[-1] - width + 1, width):
            if np.array_equal(other[..., start : start + width], turned):
                return Origin(name, HOW_TURNED if value.ndim == 2 else HOW_PLAIN, start, start + width)
    return None


def restore(path: Path, places: dict[str, Origin]) -> dict[str, torch.Tensor]:
    """A state dict in fp32 from the int8 graph at `path` and what `origins` found before quantizing."""
    initializers = _initializers(path)
    state = {}
    for name, place in places.items():
        array = _dequantized(initializers, place.initializer)
        if place.start is not None:
            array = array[..., place.start : place.end]
        array = array.T if place.how == HOW_TURNED else array
        state[name] = torch.from_numpy(np.array(array, dtype=np.float32, order="C"))
    return state


def _dequantized(initializers: dict[str, Array], name: str) -> Array:
    if name in initializers:
        return initializers[name]
    quantized = initializers[f"{name}_quantized"].astype(np.float32)
    scale, zero = initializers[f"{name}_scale"], initializers[f"{name}_zero_point"].astype(np.float32)
    return (quantized - zero) * scale
