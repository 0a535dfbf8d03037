"""A run into an embedded model, and an embedded model back into a checkpoint.

    python -m training.export RUN_DIR --evaluated RUN_DIR --out FOLDER [--name small]
    python -m training.export --restore OUT [--model NAME]

Export writes fused int8 ONNX, tokenizer, labels, a manifest with sha256 and the model card. It prints how
far int8 stands from the fp32 checkpoint and refuses a loss over 0.5 points: for the evaluated run in exact
F1 on test, for the shipped one in agreement with its own spans. Restore writes a plain transformers
checkpoint in safetensors from the int8 weights, and prints its F1 and that of transformers' own pipeline.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import shutil
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from transformers import AutoModelForTokenClassification

import hasila
from hasila import models
from hasila.document import Span
from hasila.labels import LABELS
from hasila.tagger import Tagger
from training import card, corpora, graph, measures, predictions
from training.checkpoints import write_plain_tokenizer_class
from training.corpora import TrainingDocument

MAX_LOSS = 0.5  # points of exact F1
MIN_AGREEMENT = 96.0  # exact F1 between the int8 and the fp32 model's own spans
MAX_BYTES = 32_000_000
COPIED = ("config.json", "tokenizer.json", "tokenizer_config.json")


class ExportError(RuntimeError):
    """A model that must not be shipped; the message says which figure failed."""


def load_checkpoint(folder: Path) -> Any:
    """The run's token classifier in fp32, in evaluation mode."""
    return AutoModelForTokenClassification.from_pretrained(
        folder, dtype=torch.float32, use_safetensors=True, local_files_only=True, trust_remote_code=False
    ).eval()


def export(run: Path, out: Path, name: str, facts: dict[str, Any]) -> None:
    """Write the model folder `out` for the checkpoint in `run`; `facts` join the manifest."""
    out.mkdir(parents=True, exist_ok=True)
    model = load_checkpoint(run)
    with tempfile.TemporaryDirectory() as folder:
        fp32 = Path(folder) / "fp32.onnx"
        graph.export(model, fp32)
        places = graph.origins(model, fp32)
        graph.quantize(fp32, out / models.ONNX)
    for file in COPIED:
        shutil.copyfile(run / file, out / file)
    rows = {key: dataclasses.asdict(place) for key, place in places.items()}
    (out / "origins.json").write_text(json.dumps(rows, indent=0) + "\n", encoding="utf-8")
    write_manifest(out, name, facts)


def write_manifest(out: Path, name: str, facts: dict[str, Any]) -> None:
    """Name, version, size, facts, and the sha256 of every file that is read."""
    files = [models.ONNX, *COPIED, "origins.json"]
    manifest = {
        "name": name,
        "version": hasila.__version__,
        "bytes": sum((out / file).stat().st_size for file in files),
        **facts,
        "files": {file: hashlib.sha256((out / file).read_bytes()).hexdigest() for file in files},
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1) + "\n"
    (out / "manifest.json").write_text(text, encoding="utf-8")


def restore(folder: Path, out: Path) -> None:
    """Write a safetensors checkpoint from the embedded model in `folder`."""
    from transformers import AutoConfig

    out.mkdir(parents=True, exist_ok=True)
    rows = json.loads((folder / "origins.json").read_text(encoding="utf-8"))
    places = {name: graph.Origin(**row) for name, row in rows.items()}
    model = AutoModelForTokenClassification.from_config(AutoConfig.from_pretrained(folder))
    state = graph.restore(folder / models.ONNX, places)
    missing, unexpected = model.load_state_dict(state, strict=False)
    if unexpected or any("position_ids" not in name for name in missing):
        raise ExportError(f"{folder}: weights that do not fit: {missing} {unexpected}")
    model.save_pretrained(out, safe_serialization=True)
    for file in ("tokenizer.json", "tokenizer_config.json"):
        shutil.copyfile(folder / file, out / file)
    write_plain_tokenizer_class(out)


def spans_of(folder: Path, documents: Sequence[TrainingDocument]) -> list[tuple[Span, ...]]:
    """Hasila's spans with the model in `folder`, in the documents' own coordinates."""
    found = predictions.predict(Tagger.from_pretrained(str(folder)), documents, progress=True)
    return [
        tuple(dataclasses.replace(s, start=s.start - d.offset, end=s.end - d.offset) for s in found[d.id])
        for d in documents
    ]


def pipeline_spans(folder: Path, documents: Sequence[TrainingDocument]) -> list[tuple[Span, ...]]:
    """What transformers' own pipeline finds with the checkpoint in `folder`, without Hasila."""
    from transformers import AutoTokenizer, pipeline

    tokenizer = AutoTokenizer.from_pretrained(folder, model_max_length=256)
    tag = pipeline(
        "token-classification",
        model=str(folder),
        tokenizer=tokenizer,
        aggregation_strategy="simple",
        stride=64,
    )
    return [
        tuple(
            Span(r["start"], r["end"], r["entity_group"], d.text[r["start"] : r["end"]])
            for r in tag(d.text)
            if r["entity_group"] in LABELS
        )
        for d in documents
    ]


def f1(gold: Sequence[Sequence[Span]], found: Sequence[Sequence[Span]]) -> dict[str, float]:
    """Exact, casualty, entity and overlapping F1 in percent, to a hundredth."""
    return {key: round(value, 2) for key, value in measures.summary(gold, found).items()}


def largest_difference(run: Path, folder: Path, documents: Sequence[TrainingDocument]) -> float:
    """The largest difference of a logit between the checkpoint and the exported model."""
    from hasila.windows import encode

    plain, exported = Tagger.from_pretrained(str(run)), Tagger.from_pretrained(str(folder))
    largest = 0.0
    for document in documents:
        pieces = encode(exported._tokenizer, document.text)
        gap = abs(plain.logits(pieces) - exported.logits(pieces))
        largest = max(largest, float(gap.max(initial=0.0)))
    return largest


def _export_command(options: argparse.Namespace) -> None:
    documents = corpora.read(options.documents)
    test = [d for d in documents if d.part == "test"]
    gold = [d.spans for d in test]
    facts = card.facts(options.evaluated)
    with tempfile.TemporaryDirectory() as folder:
        twin = Path(folder) / "evaluated"
        export(options.evaluated, twin, options.name, {})
        before = spans_of(options.evaluated, test)
        after = spans_of(twin, test)
        gap = largest_difference(options.evaluated, twin, test[:20])
        full, quick = f1(gold, before), f1(gold, after)
        print(f"evaluated run on test: fp32 {full}\n  int8 {quick}\n  largest logit difference {gap:.3f}")
        if full["exact_f1"] - quick["exact_f1"] > MAX_LOSS:
            raise ExportError(f"int8 loses {full['exact_f1'] - quick['exact_f1']:.2f} points of exact F1")
        _check_restored(twin, Path(folder) / "restored", test, gold, facts)
        predictions.write(_shifted(test, after), options.predictions)
    metrics = json.loads((options.run / "metrics.json").read_text(encoding="utf-8"))
    facts |= {"scores": quick, "scores_fp32": full, "parts": metrics["recipe"]["parts"]}
    export(options.run, options.out, options.name, facts)
    agreement = f1(spans_of(options.run, test), spans_of(options.out, test))["exact_f1"]
    print(f"shipped run: int8 and fp32 agree at {agreement} exact F1 of their spans")
    size = json.loads((options.out / "manifest.json").read_text(encoding="utf-8"))["bytes"]
    if agreement < MIN_AGREEMENT or size > MAX_BYTES:
        raise ExportError(f"agreement {agreement} (floor {MIN_AGREEMENT}), {size / 1e6:.1f} MB")
    write_manifest(options.out, options.name, {**facts, "agreement": agreement})
    card.write(options.out)


def _check_restored(
    twin: Path, out: Path, test: list[TrainingDocument], gold: list[Any], facts: dict[str, Any]
) -> None:
    restore(twin, out)
    again, plain = f1(gold, spans_of(out, test)), f1(gold, pipeline_spans(out, test))
    print(f"  restored {again}\n  transformers pipeline {plain}")
    facts |= {"scores_restored": again, "scores_pipeline": plain}


def _shifted(documents: Sequence[TrainingDocument], found: list[tuple[Span, ...]]) -> predictions.Predictions:
    return {
        d.id: tuple(dataclasses.replace(s, start=s.start + d.offset, end=s.end + d.offset) for s in spans)
        for d, spans in zip(documents, found, strict=True)
    }


def _restore_command(options: argparse.Namespace) -> None:
    folder = models.locate(options.model)
    models.load(options.model)  # the manifest's sha256 hold
    restore(folder, options.restore)
    print(f"{options.restore}: restored from {folder.name}")
    if not options.documents.exists():
        print(f"no F1: {options.documents} is not there (python -m training.corpora DIR...)")
        return
    test = [d for d in corpora.read(options.documents) if d.part == "test"]
    agreement = f1(spans_of(folder, test), spans_of(options.restore, test))
    again = f1([d.spans for d in test], spans_of(options.restore, test))
    print(f"  agreement with the embedded model's spans {agreement['exact_f1']}")
    print(f"  exact F1 on {len(test)} documents of test, which the shipped model has seen: {again}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.export", description=__doc__.split("\n")[0])
    parser.add_argument("run", nargs="?", type=Path, metavar="RUN_DIR", help="the run to ship")
    parser.add_argument("--evaluated", type=Path, metavar="RUN_DIR", help="the run that saw train only")
    parser.add_argument("--out", type=Path, metavar="FOLDER")
    parser.add_argument("--name", default=models.DEFAULT)
    parser.add_argument("--predictions", type=Path, default=Path("tests/predictions/small-test.jsonl"))
    parser.add_argument("--documents", type=Path, default=corpora.DOCUMENTS)
    parser.add_argument("--restore", type=Path, metavar="OUT")
    parser.add_argument("--model", default=models.DEFAULT, help="what to restore")
    options = parser.parse_args(arguments)
    try:
        if options.restore:
            _restore_command(options)
        elif options.run and options.evaluated and options.out:
            _export_command(options)
        else:
            parser.error("name RUN_DIR, --evaluated and --out, or --restore OUT")
    except (OSError, ValueError, ExportError) as error:
        print(f"training.export: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
