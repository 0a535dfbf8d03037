"""Fine-tune an encoder to tag conflict entities and casualty spans.

    accelerate launch -m training.train configs/NAME.toml [--base FOLDER] [--out RUN_DIR] [--ship RUN_DIR]

On CPU, one GPU or several: what the machine has is `accelerate`'s to say (configs/accelerate/). The run
folder gets a checkpoint an epoch, the best epoch on dev as a plain `BertForTokenClassification` with its
tokenizer, the recipe and the metrics. Run again, it goes on from the newest complete checkpoint.
`--ship RUN_DIR` trains on all parts of the gold for as many epochs as the run named found best, and
chooses nothing.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch.utils.data import DataLoader, SequentialSampler
from transformers import (
    AutoModelForTokenClassification,
    AutoTokenizer,
    EvalPrediction,
    PreTrainedTokenizerFast,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)
from transformers.utils import cached_file

from hasila.decode import spans
from hasila.labels import TAG_IDS, TAGS
from hasila.windows import frame, merge
from training import checkpoints, corpora, measures
from training.align import with_word_edges
from training.arabert import with_preprocessing
from training.corpora import TrainingDocument
from training.examples import Collator, Examples, build
from training.gold import PARTS
from training.recipe import Recipe, RecipeError, read
from training.settings import settings


class StopAfter(TrainerCallback):
    """Ends training after `epochs` of a schedule that may be longer."""

    def __init__(self, epochs: float) -> None:
        self.epochs = epochs

    def on_epoch_end(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **_: Any
    ) -> None:
        if state.epoch is not None and state.epoch >= self.epochs - 1e-6:
            control.should_training_stop = True


class TaggerTrainer(Trainer):
    """Trainer whose evaluation hides no pieces."""

    def get_eval_dataloader(self, eval_dataset: Any = None) -> DataLoader:
        training = self.data_collator
        self.data_collator = dataclasses.replace(training, masked=0.0)
        try:
            return super().get_eval_dataloader(eval_dataset)
        finally:
            self.data_collator = training

    def _get_eval_sampler(self, eval_dataset: Any) -> SequentialSampler:
        # Trainer would group these by length too, and hand the answers over in that order.
        return SequentialSampler(eval_dataset)


def load_tokenizer(base: str, revision: str | None, arabert: bool = False) -> PreTrainedTokenizerFast:
    """The base's fast tokenizer, made to respect word edges, in a class that transformers 4.5x loads too.

    `arabert`: AraBERT's preprocessing goes into it (training.arabert).
    """
    loaded = AutoTokenizer.from_pretrained(base, revision=revision, trust_remote_code=False)
    # transformers 5 makes a BertTokenizer of its vocabulary alone: what tokenizer.json adds would be lost.
    path = cached_file(base, "tokenizer.json", revision=revision, _raise_exceptions_for_missing_entries=False)
    backend = Tokenizer.from_file(path) if path else loaded.backend_tokenizer
    backend = with_word_edges(with_preprocessing(backend) if arabert else backend)
    names = ("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token")
    special = {name: getattr(loaded, name) for name in names if getattr(loaded, name, None)}
    longest = loaded.model_max_length  # else a pipeline runs past the model's positions
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=longest, **special)


def arguments_of(recipe: Recipe, out: Path, evaluated: bool, max_steps: int = -1) -> TrainingArguments:
    """The recipe in Trainer's words."""
    return TrainingArguments(
        **settings(recipe, out, max_steps),
        num_train_epochs=recipe.schedule_epochs or recipe.epochs,
        eval_strategy="epoch" if evaluated else "no",
        save_strategy="epoch",
        load_best_model_at_end=evaluated,
        metric_for_best_model="exact_f1" if evaluated else None,
    )


def metrics_on(documents: list[TrainingDocument], examples: Examples, framed: int) -> Any:
    """A `compute_metrics` that decodes the windows of `documents` as inference does."""

    def compute(prediction: EvalPrediction) -> dict[str, float]:
        rows = iter(prediction.predictions)
        predicted = []
        for document, pieces, windows in zip(documents, examples.pieces, examples.windows, strict=True):
            answers = [next(rows)[framed : framed + w.end - w.start] for w in windows]
            logits = merge(pieces, windows, answers, len(TAGS))
            predicted.append(spans(document.text, pieces.words, logits))
        gold = [document.spans for document in documents]
        words = [pieces.words for pieces in examples.pieces]
        strict = measures.seqeval_f1(words, gold, predicted)
        return {**measures.summary(gold, predicted), "seqeval_f1": strict}

    return compute


def train(
    recipe: Recipe, documents: list[TrainingDocument], out: Path, max_steps: int = -1
) -> dict[str, Any]:
    """Run `recipe` into folder `out`; returns the metrics, also written to `out/metrics.json`.

    `max_steps` cuts the run and its schedule short, to prove a path; -1 does not.
    """
    set_seed(recipe.seed)
    tokenizer = load_tokenizer(recipe.base, recipe.revision, recipe.arabert_normalizer)
    prefix, _ = frame(tokenizer.backend_tokenizer)
    learned = [d for d in documents if d.part in recipe.parts]
    dev = [] if recipe.evaluate_on in recipe.parts else [d for d in documents if d.part == recipe.evaluate_on]
    examples = build(learned, tokenizer.backend_tokenizer, recipe, recipe.inner_pieces)
    held = build(dev, tokenizer.backend_tokenizer, recipe, False) if dev else None
    print(f"{len(learned)} documents, {len(examples.dataset)} windows; {len(dev)} documents of dev")
    print(f"{len(examples.lost)} spans that piece borders cannot express", *examples.lost, sep="\n  ")
    model = AutoModelForTokenClassification.from_pretrained(
        recipe.base,
        revision=recipe.revision,
        num_labels=len(TAGS),
        id2label=dict(enumerate(TAGS)),
        label2id=dict(TAG_IDS),
        dtype=torch.float32,
        hidden_dropout_prob=recipe.dropout,
        attention_probs_dropout_prob=recipe.attention_dropout,
        trust_remote_code=False,
    )
    trainer = TaggerTrainer(
        model=model,
        args=arguments_of(recipe, out, held is not None, max_steps),
        data_collator=Collator(tokenizer.pad_token_id, tokenizer.mask_token_id, recipe.masked),
        train_dataset=examples.dataset,
        eval_dataset=held.dataset if held else None,
        processing_class=tokenizer,
        compute_metrics=metrics_on(dev, held, len(prefix)) if held else None,
        callbacks=[StopAfter(recipe.epochs)],
    )
    newest = checkpoints.newest_complete(out)
    result = trainer.train(resume_from_checkpoint=str(newest) if newest else None)
    trainer.save_model(str(out))
    metrics = _metrics(recipe, trainer, dict(result.metrics), examples)
    if trainer.is_world_process_zero():
        checkpoints.write_plain_tokenizer_class(out)
        (out / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return metrics


def _metrics(recipe: Recipe, trainer: Trainer, run: dict[str, Any], examples: Examples) -> dict[str, Any]:
    history = [entry for entry in trainer.state.log_history if "eval_exact_f1" in entry]
    best = max(history, key=lambda entry: entry["eval_exact_f1"]) if history else None
    return {
        "recipe": dataclasses.asdict(recipe),
        "run": run,
        "best": best,
        "history": history,
        "lost_spans": len(examples.lost),
    }


def shipped(recipe: Recipe, evaluated: Path) -> Recipe:
    """`recipe` on all parts, for the epochs that the evaluated run found best, of the same schedule."""
    metrics = json.loads((evaluated / "metrics.json").read_text(encoding="utf-8"))
    return dataclasses.replace(
        recipe, parts=PARTS, epochs=float(metrics["best"]["epoch"]), schedule_epochs=recipe.epochs
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.train", description=__doc__.split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--base", help="a folder in place of the recipe's base")
    parser.add_argument("--out", type=Path, help="the run's folder (default runs/NAME)")
    parser.add_argument("--documents", type=Path, default=corpora.DOCUMENTS)
    parser.add_argument("--ship", type=Path, metavar="RUN_DIR", help="train on all parts like this run")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--max-steps", type=int, default=-1, metavar="N", help="cut short, to prove a path")
    options = parser.parse_args(arguments)
    try:
        recipe = read(options.recipe)
        if options.base:
            recipe = dataclasses.replace(recipe, base=options.base, revision=None)
        if options.seed is not None:
            recipe = dataclasses.replace(recipe, seed=options.seed)
        if options.ship:
            recipe = shipped(recipe, options.ship)
        documents = corpora.read(options.documents)
    except (RecipeError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    out = options.out or Path("runs") / (recipe.name + ("-shipped" if options.ship else ""))
    print(json.dumps(train(recipe, documents, out, options.max_steps)["best"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
