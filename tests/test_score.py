"""Scores: tables, slices, fingerprint and floors."""

from __future__ import annotations

import dataclasses
import tomllib
from pathlib import Path

import pytest

from hasila.document import Span
from training import gold, predictions, score
from training.gold import GoldDocument, GoldSpan

A = GoldDocument(
    "a", "ant", "test", "", (GoldSpan(0, 3, "KILLED"), GoldSpan(5, 8, "LOCATION")), 0, 500, "2016-10-06"
)
B = GoldDocument("b", "composed", "test", "", (GoldSpan(0, 3, "DATE"),), text="ا" * 900)
C = GoldDocument("c", "khaleej", "test", "", (GoldSpan(700, 2000, "KILLED"),), 600)
DOCUMENTS = [A, B, C]
FOUND = {
    "a": (Span(0, 3, "KILLED", ""), Span(5, 9, "LOCATION", "")),
    "b": (Span(0, 3, "DATE", ""),),
    "elsewhere": (Span(0, 3, "DATE", ""),),
}


def test_figures_by_hand() -> None:
    assert score.figures(DOCUMENTS, FOUND) == {
        "exact_f1": pytest.approx(200 * 2 / 7),
        "casualties_f1": pytest.approx(200 * 1 / 3),
        "entities_f1": pytest.approx(200 * 1 / 4),
        "overlap_f1": pytest.approx(200 * 3 / 7),
    }


def test_a_document_without_predictions_counts_as_missed() -> None:
    assert score.figures([C], {})["exact_f1"] == 0
    assert score.tally([C], {})["KILLED"].gold == 1


def test_slices() -> None:
    found = {name: [d.id for d in members] for name, members in score.slices(DOCUMENTS).items()}
    assert found == {
        "composed": ["b"],
        "length 600 to 1200": ["b"],
        "length over 1200": ["c"],
        "length under 600": ["a"],
        "real": ["a", "c"],
        "source ant": ["a"],
        "source composed": ["b"],
        "source khaleej": ["c"],
        "year 2016": ["a"],
        "year unknown": ["b", "c"],
    }


def test_tables_have_a_row_a_label_and_a_slice() -> None:
    table = {
        line.split()[0]: line.split()[1:] for line in score.label_table(DOCUMENTS, FOUND).split("\n")[1:]
    }
    assert table["all"] == ["66.7", "50.0", "57.1", "85.7", "4"]
    assert table["KILLED"] == ["100.0", "50.0", "66.7", "66.7", "2"]
    assert table["LOCATION"] == ["0.0", "0.0", "0.0", "100.0", "1"]
    assert len(table) == 3 + 14
    rows = score.slice_table(DOCUMENTS, FOUND).split("\n")
    assert any(row.split() == ["source", "ant", "1", "2", "50.0", "100.0"] for row in rows)


def test_the_fingerprint_is_the_golds_alone() -> None:
    one = score.fingerprint(DOCUMENTS)
    assert score.fingerprint(reversed(DOCUMENTS)) == one
    assert score.fingerprint([dataclasses.replace(A, date=None), B, C]) == one
    moved = dataclasses.replace(A, spans=(GoldSpan(0, 4, "KILLED"), A.spans[1]))
    assert score.fingerprint([moved, B, C]) != one
    assert score.fingerprint([A, B]) != one


def _floors(folder: Path, gold_is: str, least: float) -> Path:
    path = folder / "floors.toml"
    path.write_text(f'[small]\ngold = "{gold_is}"\n[small.test]\nexact_f1 = {least}\n', encoding="utf-8")
    return path


def test_floors_hold_or_are_named(tmp_path: Path) -> None:
    known = score.fingerprint(DOCUMENTS)
    assert score.floor_faults("small", DOCUMENTS, FOUND, _floors(tmp_path, known, 57.1)) == []
    (fault,) = score.floor_faults("small", DOCUMENTS, FOUND, _floors(tmp_path, known, 57.2))
    assert fault == "small: exact_f1 is 57.1, the floor is 57.2"
    (fault,) = score.floor_faults("small", DOCUMENTS, FOUND, _floors(tmp_path, "other", 50))
    assert "another gold" in fault


def test_perfect_predictions_score_a_hundred(
    in_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    documents = [d for d in gold.read() if d.part == "dev"]
    path = tmp_path / "perfect.jsonl"
    predictions.write({d.id: score.gold_spans(d) for d in documents[1:]}, path)
    assert score.main([str(path), "--part", "dev"]) == 0
    out = capsys.readouterr().out
    row = next(line.split() for line in out.split("\n") if line.startswith("all "))
    assert row[1] == "100.0"
    assert float(row[2]) < 100
    assert f"1 documents without predictions count as missed: {documents[0].id}" in out


def test_predictions_that_are_not_there_are_named(in_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert score.main(["nowhere.jsonl"]) == 2
    assert "nowhere.jsonl" in capsys.readouterr().err


def test_the_committed_predictions_hold_their_floors(in_root: Path) -> None:
    if not score.FLOORS.exists():
        pytest.skip("tests/floors.toml is not there yet: no model has been scored")
    documents = [d for d in gold.read() if d.part == "test"]
    kept = tomllib.loads(score.FLOORS.read_text(encoding="utf-8"))
    assert "small" in kept
    found = predictions.read(score.COMMITTED)
    assert score.floor_faults("small", documents, found, score.FLOORS) == []
