"""The model card and the facts of the manifest, made from a run's own files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from hasila.labels import CASUALTIES, ENTITIES

SOURCES = (
    "intfloat/multilingual-e5-small (MIT), its published 4-bit rounding, vocabulary trimmed, "
    "masked-LM continued",
    "Hasila's annotations: stand-off labels on SANAD Al-Khaleej (CC BY 4.0) and ANT (Apache-2.0)",
    "Hasila's own composed reports and the five seed articles",
)
LICENCE = "Apache-2.0; encoder MIT"

_CARD = """---
language: ar
license: apache-2.0
library_name: onnxruntime
pipeline_tag: token-classification
base_model: intfloat/multilingual-e5-small
tags: [arabic, conflict, casualties, named-entity-recognition]
---

# hasila-{name} {version}

Finds eight kinds of conflict entities ({entities}) and six kinds of casualty spans ({casualties}) in
Arabic news. A BERT token classifier of 12 layers x 384 over {pieces:,} pieces, {megabytes:.1f} MB as
int8 ONNX. Loaded by `hasila.Extractor()`; `python -m training.export --restore OUT` makes a plain
transformers checkpoint of it.

## Scores

{shipped} Its int8 spans agree with those of its own fp32 checkpoint at {agreement:.1f} exact F1.

Test part, F1 in percent (`python -m training.score`):

| | exact, all | casualties | entities | all, counting overlaps |
|---|---|---|---|---|
{rows}

The encoder's masked-LM had seen the text of dev and test articles, not their labels. The gold was read
once, by one reader a text; two readers agreed at 97.9 exact F1 on 42 articles, at 97.4 on 20 others.

## Data and licences

{sources}

The encoder's MIT notice stands in the repository's NOTICE, with the licences of all sources. The
weights are under Apache-2.0 as far as they are ours.

## Use and limits

For people who document harm, as a first reading that a person checks: every span points to the
characters that say it. The news is mostly Al-Khaleej and Tunisian radio of 2014 to 2017, with composed
reports of 2003 to 2026 beside it: other outlets, dialects and wars are read worse than these scores
say. It reads what a text claims, not what happened. Numbers in denials, threats and old tolls are
labelled too: read a record's `status`. A span's `score` is the smallest probability among its words'
tags, not calibrated. Counts of the detained, missing and displaced are read much worse than those of
the dead and hurt (`python -m training.score`). Not for identifying or targeting people.
"""


_ONE = "The model in this folder saw the train part of the gold only, and the figures here are its own."
_TWO = """Two models come of one recipe. The *evaluated* one saw the train part of the gold only, and the
figures here are its; the *shipped* one, in this folder, saw all parts, with the evaluated one's epochs."""


def facts(evaluated: Path) -> dict[str, Any]:
    """What the manifest says of where a model comes from."""
    metrics = json.loads((evaluated / "metrics.json").read_text(encoding="utf-8"))
    recipe = {key: value for key, value in metrics["recipe"].items() if key != "base"}
    return {
        "licence": LICENCE,
        "sources": list(SOURCES),
        "recipe": recipe,
        "dev": {key.removeprefix("eval_"): value for key, value in metrics["best"].items() if "f1" in key},
    }


def write(folder: Path) -> None:
    """`README.md` of a model folder, from its manifest and configuration."""
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    names = {
        "scores": "int8 ONNX, as embedded",
        "scores_fp32": "fp32",
        "scores_restored": "restored to safetensors",
        "scores_pipeline": "restored, by transformers' pipeline",
    }
    text = _CARD.format(
        name=manifest["name"],
        version=manifest["version"],
        entities=", ".join(ENTITIES),
        casualties=", ".join(CASUALTIES),
        pieces=config["vocab_size"],
        megabytes=manifest["bytes"] / 1e6,
        agreement=manifest["agreement"],
        shipped=_TWO if manifest["parts"] != ["train"] else _ONE,
        rows="\n".join(_row(title, manifest[key]) for key, title in names.items() if key in manifest),
        sources="\n".join(f"- {source}" for source in manifest["sources"]),
    )
    (folder / "README.md").write_text(text, encoding="utf-8")


def _row(title: str, scores: dict[str, float]) -> str:
    keys = ("exact_f1", "casualties_f1", "entities_f1", "overlap_f1")
    return f"| {title} | " + " | ".join(f"{scores[key]:.1f}" for key in keys) + " |"
