"""Masked language modelling on raw text: an encoder goes on learning the language of conflict news.

    accelerate launch -m training.pretrain configs/NAME.toml --corpus DIR... [--base FOLDER] [--out DIR]

Whole words are hidden, and the head is computed at hidden pieces alone (`training.masking`). Which articles
are read is `training.rawtext`'s to say; the documents of dev and test never are. On CPU, one GPU or several,
as `accelerate` says. The run folder gets a checkpoint every `save_steps`, the encoder with its head and
tokenizer, the recipe, the loss on windows kept apart, and what became of the corpus's articles. Run again,
it goes on from the newest complete checkpoint.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from datasets import Dataset
from torch.utils.data import SequentialSampler
from transformers import AutoModelForMaskedLM, Trainer, TrainingArguments, set_seed

from training import checkpoints, gold, rawtext
from training.masking import collator, only_hidden
from training.recipe import RecipeError, read
from training.settings import settings
from training.train import load_tokenizer


@dataclass(frozen=True, slots=True)
class PretrainRecipe:
    """One run. `window` is in pieces, special ones included; `learning_rate` is AdamW's peak."""

    name: str
    base: str  # a folder or a hub name
    revision: str | None = None  # pinned for hub names
    epochs: float = 1.0
    batch_size: int = 32  # windows a step a process
    accumulation: int = 1
    learning_rate: float = 4e-4
    warmup: float = 0.1  # share of the steps
    weight_decay: float = 0.01
    window: int = 128
    hidden: float = 0.2  # share of the words
    dropout: float = 0.0  # of the hidden states: a pass or two over raw text cannot be learned by heart
    attention_dropout: float = 0.0  # without it torch's CPU attention runs fused
    conflict_hits: int = 3  # conflict words that make an article one of conflict; 0: read all articles
    others: float = 0.02  # share of the other articles that is read too
    watched: float = 0.01  # share of the windows that only the loss is measured on
    save_steps: int = 200
    bf16: bool = True
    seed: int = 1
    arabert_normalizer: bool = False  # put AraBERT's preprocessing into tokenizer.json


class MaskedTrainer(Trainer):
    """Trainer whose evaluation reads the same batches, with the same words hidden, every time."""

    def _get_eval_sampler(self, eval_dataset: Any) -> SequentialSampler:
        return SequentialSampler(eval_dataset)


def arguments_of(recipe: PretrainRecipe, out: Path, max_steps: int) -> TrainingArguments:
    """The recipe in Trainer's words."""
    return TrainingArguments(
        **settings(recipe, out, max_steps),
        num_train_epochs=recipe.epochs,
        eval_strategy="steps" if recipe.watched else "no",
        eval_steps=recipe.save_steps,
        save_steps=recipe.save_steps,
        prediction_loss_only=True,
    )


def pretrain(recipe: PretrainRecipe, corpus: list[Path], out: Path, max_steps: int = -1) -> dict[str, Any]:
    """Run `recipe` into folder `out`; returns the metrics, also written to `out/metrics.json`."""
    set_seed(recipe.seed)
    arguments = arguments_of(recipe, out, max_steps)
    tokenizer = load_tokenizer(recipe.base, recipe.revision, recipe.arabert_normalizer)
    hiding = collator(tokenizer, recipe.hidden, recipe.seed)
    choice = rawtext.Choice(rawtext.held_out(gold.read()), recipe.conflict_hits, recipe.others)
    with arguments.main_process_first(desc="making windows"):
        backend = tokenizer.backend_tokenizer
        windows, articles = rawtext.prepare(out / "windows", backend, corpus, choice, recipe.window)
    if not len(windows):
        raise ValueError(f"no article to read: {articles}")
    learned, watched = _apart(windows, recipe.watched)
    print(f"articles: {articles}; {len(learned)} windows to learn from, {len(watched)} watched")
    model = AutoModelForMaskedLM.from_pretrained(
        recipe.base,
        revision=recipe.revision,
        dtype=torch.float32,
        hidden_dropout_prob=recipe.dropout,
        attention_probs_dropout_prob=recipe.attention_dropout,
        trust_remote_code=False,
    )
    trainer = MaskedTrainer(
        model=only_hidden(model),
        args=arguments,
        data_collator=hiding,
        train_dataset=learned,
        eval_dataset=watched if recipe.watched else None,
        processing_class=tokenizer,
    )
    newest = checkpoints.newest_complete(out)
    run = dict(trainer.train(resume_from_checkpoint=str(newest) if newest else None).metrics)
    loss = trainer.evaluate()["eval_loss"] if recipe.watched else None
    trainer.save_model(str(out))
    history = [entry for entry in trainer.state.log_history if "eval_loss" in entry]
    metrics = {
        "recipe": dataclasses.asdict(recipe),
        "articles": articles,
        "run": run,
        "loss": loss,
        "history": history,
    }
    if trainer.is_world_process_zero():
        checkpoints.write_plain_tokenizer_class(out)
        (out / "metrics.json").write_text(json.dumps(metrics, ensure_ascii=False, indent=1) + "\n", "utf-8")
    return metrics


def _apart(windows: Dataset, share: float) -> tuple[Dataset, Dataset]:
    """The windows to learn from and, evenly spread among them, the `share` that is only watched."""
    every = round(1 / share) if share else len(windows) + 1
    watched = range(every - 1, len(windows), every)
    return windows.select([i for i in range(len(windows)) if (i + 1) % every]), windows.select(watched)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.pretrain", description=__doc__.split("\n")[0])
    parser.add_argument("recipe", type=Path)
    parser.add_argument("--corpus", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--base", help="a folder in place of the recipe's base")
    parser.add_argument("--out", type=Path, help="the run's folder (default runs/NAME)")
    parser.add_argument("--max-steps", type=int, default=-1, metavar="N", help="cut short, to prove a path")
    options = parser.parse_args(arguments)
    absent = [str(folder) for folder in options.corpus if not folder.is_dir()]
    if absent:
        parser.error(f"no such folder: {', '.join(absent)}")
    try:
        recipe = read(options.recipe, PretrainRecipe)
        if options.base:
            recipe = dataclasses.replace(recipe, base=options.base, revision=None)
        metrics = pretrain(
            recipe, options.corpus, options.out or Path("runs") / recipe.name, options.max_steps
        )
    except (RecipeError, gold.GoldError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps({"loss": metrics["loss"], "articles": metrics["articles"]}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
