"""The committed predictions reach the floors, on the gold that the floors were measured on."""

from __future__ import annotations

from dataclasses import replace

from training import gold, predictions, score


def test_committed_predictions_reach_the_floors() -> None:
    documents = [d for d in gold.read() if d.part == "test"]
    found = predictions.read(score.COMMITTED)
    assert score.floor_faults("small", documents, found, score.FLOORS) == []


def test_a_floor_catches_worse_predictions_and_another_gold() -> None:
    documents = [d for d in gold.read() if d.part == "test"]
    found = predictions.read(score.COMMITTED)
    worse = {identity: spans[::2] for identity, spans in found.items()}
    assert any("exact_f1" in fault for fault in score.floor_faults("small", documents, worse, score.FLOORS))
    other = [replace(documents[0], spans=documents[0].spans[:-1]), *documents[1:]]
    assert any("another gold" in fault for fault in score.floor_faults("small", other, found, score.FLOORS))


def test_the_model_stands_well_over_the_regex_floor() -> None:
    documents = [d for d in gold.read() if d.part == "test"]
    model = score.figures(documents, predictions.read(score.COMMITTED))
    regex = score.figures(documents, predictions.read(score.REGEX))
    assert all(model[key] > regex[key] + 20 for key in model)
