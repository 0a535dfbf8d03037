"""Fine-tuning, on a few texts with a random two-layer encoder: it learns, keeps the best, and resumes."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from hasila import tagger as tagging
from hasila.document import Span
from hasila.labels import LABELS, TAGS
from hasila.tagger import Tagger
from training import corpora, measures
from training.checkpoints import newest_complete
from training.corpora import TrainingDocument
from training.recipe import Recipe
from training.train import main, shipped, train


@pytest.fixture(scope="module")
def documents(composed: list[dict[str, Any]]) -> list[TrainingDocument]:
    """Eight texts to learn, and the same eight as dev, so that what was learned shows."""

    def made(row: dict[str, Any], part: str) -> TrainingDocument:
        text = row["text"]
        spans = (Span(s["start"], s["end"], s["label"], text[s["start"] : s["end"]]) for s in row["spans"])
        return TrainingDocument(f"{part}-{row['id']}", part, "composed", None, 0, text, tuple(spans))

    return [made(row, part) for part in ("train", "dev") for row in composed[:8]]


@pytest.fixture(scope="module")
def recipe(base_folder: Path) -> Recipe:
    return Recipe(
        name="tiny",
        base=str(base_folder),
        epochs=16,
        batch_size=2,
        learning_rate=6e-3,
        window=96,
        overlap=8,
        bf16=False,
        seed=3,
    )


@pytest.fixture(scope="module")
def run(
    recipe: Recipe, documents: list[TrainingDocument], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, Any]]:
    """A run from beginning to end: its folder and its metrics."""
    out = tmp_path_factory.mktemp("run")
    return out, train(recipe, documents, out)


def test_it_learns(run: tuple[Path, dict[str, Any]]) -> None:
    _, metrics = run
    losses = [entry["eval_loss"] for entry in metrics["history"]]
    assert len(losses) == 16
    assert losses[-1] < 0.4 * losses[0]
    assert metrics["best"]["eval_exact_f1"] > 40
    assert metrics["lost_spans"] == 0


def test_the_run_is_written_down(run: tuple[Path, dict[str, Any]], recipe: Recipe) -> None:
    out, metrics = run
    assert json.loads((out / "metrics.json").read_text("utf-8")) == json.loads(json.dumps(metrics))
    assert metrics["recipe"]["name"] == "tiny"
    assert metrics["best"]["eval_exact_f1"] == max(entry["eval_exact_f1"] for entry in metrics["history"])
    for entry in metrics["history"]:
        assert entry["eval_seqeval_f1"] == pytest.approx(entry["eval_exact_f1"])


def test_the_result_is_a_plain_classifier_that_the_tagger_reads(
    run: tuple[Path, dict[str, Any]], documents: list[TrainingDocument], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, metrics = run
    config = json.loads((out / "config.json").read_text("utf-8"))
    assert config["architectures"] == ["BertForTokenClassification"]
    assert [config["id2label"][str(index)] for index in range(29)] == list(TAGS)
    tokenizer = json.loads((out / "tokenizer_config.json").read_text("utf-8"))
    assert tokenizer["tokenizer_class"] == "PreTrainedTokenizerFast"
    monkeypatch.setattr(tagging, "WINDOW", 96)  # the recipe's
    monkeypatch.setattr(tagging, "OVERLAP", 8)
    tagger = Tagger.from_pretrained(str(out))
    dev = [document for document in documents if document.part == "dev"]
    found = [tagger.tag(document.text).spans for document in dev]
    reached = measures.summary([document.spans for document in dev], found)["exact_f1"]
    assert reached == pytest.approx(metrics["best"]["eval_exact_f1"], abs=1)


def test_a_broken_off_run_goes_on_to_the_same_end(
    run: tuple[Path, dict[str, Any]], recipe: Recipe, documents: list[TrainingDocument], tmp_path: Path
) -> None:
    whole, metrics = run
    broken_off = dataclasses.replace(recipe, epochs=8.0, schedule_epochs=16.0)
    first = train(broken_off, documents, tmp_path)
    assert len(first["history"]) == 8
    again = train(recipe, documents, tmp_path)
    assert [entry["epoch"] for entry in again["history"]] == [float(n) for n in range(1, 17)]
    for one, other in zip(metrics["history"], again["history"], strict=True):
        assert one["eval_loss"] == pytest.approx(other["eval_loss"], rel=1e-4)
    one, other = (load_file(folder / "model.safetensors") for folder in (whole, tmp_path))
    assert all(torch.allclose(one[name], other[name], atol=1e-5) for name in one)
    # The newest checkpoint is cut short: the one before it serves, and the end is the same again.
    newest = newest_complete(tmp_path)
    assert newest is not None
    data = (newest / "model.safetensors").read_bytes()
    (newest / "model.safetensors").write_bytes(data[: len(data) // 2])
    older = newest_complete(tmp_path)
    assert older is not None
    assert older != newest
    repaired = train(recipe, documents, tmp_path)
    assert repaired["history"][-1]["eval_loss"] == pytest.approx(
        metrics["history"][-1]["eval_loss"], rel=1e-4
    )
    assert newest_complete(tmp_path) == newest


def test_the_best_epoch_is_kept(
    recipe: Recipe, documents: list[TrainingDocument], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    scores = iter([10.0, 50.0, 30.0])
    names = ("casualties_f1", "entities_f1", "overlap_f1")
    monkeypatch.setattr(
        measures, "summary", lambda gold, found: {"exact_f1": next(scores), **dict.fromkeys(names, 0.0)}
    )
    metrics = train(dataclasses.replace(recipe, epochs=3), documents, tmp_path)
    assert metrics["best"]["epoch"] == 2.0
    steps = metrics["best"]["step"]
    kept, second = (
        load_file(folder / "model.safetensors") for folder in (tmp_path, tmp_path / f"checkpoint-{steps}")
    )
    assert all(torch.equal(kept[name], second[name]) for name in kept)
    last = load_file(tmp_path / f"checkpoint-{steps // 2 * 3}" / "model.safetensors")
    assert not torch.equal(kept["classifier.weight"], last["classifier.weight"])


def test_what_cannot_be_expressed_is_shown(
    recipe: Recipe, documents: list[TrainingDocument], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    crooked = dataclasses.replace(documents[0], id="crooked", spans=(Span(1, 3, "DATE", "xy"),))
    metrics = train(dataclasses.replace(recipe, epochs=1, parts=("train",)), [crooked], tmp_path)
    assert metrics["lost_spans"] == 1
    assert metrics["best"] is None
    said = capsys.readouterr().out
    assert "1 spans that piece borders cannot express" in said
    assert "crooked: DATE 'xy'" in said


def test_the_shipped_run_stops_where_the_evaluated_one_was_best(tmp_path: Path, recipe: Recipe) -> None:
    (tmp_path / "metrics.json").write_text(json.dumps({"best": {"epoch": 7.0}}), encoding="utf-8")
    ship = shipped(recipe, tmp_path)
    assert ship.parts == ("train", "dev", "test")
    assert (ship.epochs, ship.schedule_epochs) == (7.0, recipe.epochs)


def test_a_wrong_recipe_is_told_in_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "gone.toml")]) == 2
    assert "gone.toml" in capsys.readouterr().err
    path = tmp_path / "a.toml"
    path.write_text('name = "a"\nbase = "b"', encoding="utf-8")
    assert main([str(path), "--documents", str(tmp_path / "gone.jsonl")]) == 2
    assert "python -m training.corpora" in capsys.readouterr().err


@pytest.mark.slow
def test_accelerate_launches_it(
    base_folder: Path, documents: list[TrainingDocument], tmp_path: Path, python: Any
) -> None:
    corpora.write(documents, tmp_path / "documents.jsonl")
    (tmp_path / "tiny.toml").write_text(
        'name = "tiny"\nbase = "elsewhere"\nepochs = 1\nbatch_size = 4\nwindow = 96\nbf16 = false\n',
        encoding="utf-8",
    )
    done = python(
        *("-m", "accelerate.commands.launch", "--cpu", "--num_processes", 1, "-m", "training.train"),
        *(tmp_path / "tiny.toml", "--base", base_folder, "--out", tmp_path / "run"),
        *("--documents", tmp_path / "documents.jsonl", "--seed", 5),
    )
    assert done.returncode == 0, done.stderr.decode()[-2000:]
    metrics = json.loads((tmp_path / "run" / "metrics.json").read_text("utf-8"))
    assert metrics["recipe"]["seed"] == 5
    assert metrics["recipe"]["base"] == str(base_folder)
    assert {span.label for span in Tagger.from_pretrained(str(tmp_path / "run")).tag("قتل").spans} <= set(
        LABELS
    )
