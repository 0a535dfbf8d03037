"""A model's spans on the gold's documents, kept as stand-off: one line a document, whole-article offsets.

They are committed for the test part, so that scores and floors can be recomputed without weights or texts.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from hasila.document import Span
from hasila.tagger import Tagger
from training.corpora import TrainingDocument

Predictions = dict[str, tuple[Span, ...]]


def predict(tagger: Tagger, documents: Sequence[TrainingDocument], progress: bool = False) -> Predictions:
    """Spans by document id, in the article's own offsets; the model reads the annotated stretch alone."""
    from tqdm import tqdm

    rows = tqdm(documents, desc="articles", unit="article", disable=not progress)
    return {document.id: tuple(_shift(tagger.tag(document.text).spans, document.offset)) for document in rows}


def _shift(spans: Iterable[Span], offset: int) -> Iterable[Span]:
    for span in spans:
        yield Span(span.start + offset, span.end + offset, span.label, span.text, span.score)


def write(predictions: Predictions, path: Path) -> None:
    """Offsets, labels and scores; the article's words stay out."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="\n") as out:
        for identity, spans in predictions.items():
            rows = [[s.start, s.end, s.label, s.score] for s in spans]
            out.write(json.dumps({"id": identity, "spans": rows}) + "\n")


def read(path: Path) -> Predictions:
    """What `write` wrote; the spans have no text. Raises ValueError with the line that is broken."""
    found: Predictions = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line:
            continue
        try:
            data = json.loads(line)
            found[data["id"]] = tuple(Span(s, e, label, "", score) for s, e, label, score in data["spans"])
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(f"{path}:{number}: {error!r}") from error
    return found
