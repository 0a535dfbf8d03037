"""The network as ONNX and back: every parameter is found in the graph, and int8 gives it back nearly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch

from training import graph


def test_each_parameter_is_found_in_the_graph_and_comes_back(
    classifier: Any, fp32_onnx: Path, onnx_folder: Path
) -> None:
    places = graph.origins(classifier, fp32_onnx)
    state = {name: value for name, value in classifier.state_dict().items() if value.is_floating_point()}
    assert set(places) == set(state)
    same = graph.restore(fp32_onnx, places)
    near = graph.restore(onnx_folder / "model.onnx", places)
    for name, value in state.items():
        assert torch.equal(same[name], value), name
        assert near[name].shape == value.shape
        assert torch.allclose(near[name], value, atol=0.02 * float(value.abs().max()) + 1e-6), name
    assert any(not torch.equal(near[name], value) for name, value in state.items())


def test_query_key_and_value_are_told_apart(classifier: Any, fp32_onnx: Path) -> None:
    places = graph.origins(classifier, fp32_onnx)
    found = [places[f"bert.encoder.layer.0.attention.self.{n}.weight"] for n in ("query", "key", "value")]
    assert len({place.initializer for place in found}) == 1
    assert [place.start for place in found] == [0, 32, 64]


def test_a_parameter_that_the_graph_lacks_is_named(classifier: Any, fp32_onnx: Path) -> None:
    class Wider(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stranger = torch.nn.Parameter(torch.full((3, 5), 0.25))

    with pytest.raises(ValueError, match="stranger"):
        graph.origins(Wider(), fp32_onnx)
