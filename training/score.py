"""Score a model on a part of the gold: tables a label and a slice, a regex floor beside it.

    python -m training.score [RUN_DIR | MODEL_FOLDER | PREDICTIONS.jsonl] [--part test] [-o PREDICTIONS]
    python -m training.score --claims [...]

Without an argument it scores the committed predictions of the evaluated model on test. A folder is run
over the texts of `python -m training.corpora`. F1 is micro-averaged over exact spans, in percent.
`--claims` scores the records made of the gold's spans, and of the predicted ones; it needs the texts.
"""

from __future__ import annotations

import argparse
import datetime as dt
import hashlib
import sys
import tomllib
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from hasila import casualties
from hasila.document import Span
from hasila.labels import CASUALTIES, ENTITIES, LABELS
from training import claims, corpora, gold, measures, predictions
from training.corpora import TrainingDocument
from training.gold import GoldDocument
from training.measures import Tallies
from training.predictions import Predictions

COMMITTED = Path("tests/predictions/small-test.jsonl")
REGEX = Path("tests/predictions/regex-test.jsonl")
FLOORS = Path("tests/floors.toml")
GROUPS: dict[str, tuple[str, ...]] = {"all": LABELS, "casualties": CASUALTIES, "entities": ENTITIES}
Measure = Callable[[Iterable[Span], Iterable[Span]], Tallies]


def gold_spans(document: GoldDocument) -> tuple[Span, ...]:
    """The document's spans as the measures want them, without text."""
    return tuple(Span(s.start, s.end, s.label, "") for s in document.spans)


def tally(
    documents: Sequence[GoldDocument], found: Predictions, measure: Measure = measures.exact
) -> Tallies:
    """Sum over documents; one without predictions counts as having none."""
    return measures.add(measure(gold_spans(d), found.get(d.id, ())) for d in documents)


def figures(documents: Sequence[GoldDocument], found: Predictions) -> dict[str, float]:
    """The figures that floors and cards keep, in percent."""
    strict, loose = tally(documents, found), tally(documents, found, measures.overlapping)
    named = {f"{name}_f1": measures.micro(strict, labels).f1 for name, labels in GROUPS.items()}
    return {
        "exact_f1": named["all_f1"],
        "casualties_f1": named["casualties_f1"],
        "entities_f1": named["entities_f1"],
        "overlap_f1": measures.micro(loose).f1,
    }


def fingerprint(documents: Iterable[GoldDocument]) -> str:
    """sha256 over ids, offsets and labels: which gold a floor was measured on."""
    lines = sorted(f"{d.id} {[(s.start, s.end, s.label) for s in d.spans]}" for d in documents)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def label_table(documents: Sequence[GoldDocument], found: Predictions) -> str:
    """Precision, recall, F1, F1 counting overlaps and support, a label and a group a row."""
    strict, loose = tally(documents, found), tally(documents, found, measures.overlapping)
    rows = [f"{'':12}{'precision':>10}{'recall':>8}{'exact F1':>10}{'overlap F1':>12}{'spans':>7}"]
    for name, labels in [*GROUPS.items(), *((label, (label,)) for label in LABELS)]:
        one, other = measures.micro(strict, labels), measures.micro(loose, labels)
        rows.append(
            f"{name:12}{one.precision:10.1f}{one.recall:8.1f}{one.f1:10.1f}{other.f1:12.1f}{one.gold:7}"
        )
    return "\n".join(rows)


def slice_table(documents: Sequence[GoldDocument], found: Predictions) -> str:
    """Exact F1 of all labels and of casualties by source, kind, length and year."""
    rows = [f"{'slice':24}{'documents':>10}{'spans':>7}{'exact F1':>10}{'casualties':>12}"]
    for name, members in slices(documents).items():
        strict = tally(members, found)
        every, claims = measures.micro(strict), measures.micro(strict, CASUALTIES)
        rows.append(f"{name:24}{len(members):10}{every.gold:7}{every.f1:10.1f}{claims.f1:12.1f}")
    return "\n".join(rows)


def slices(documents: Sequence[GoldDocument]) -> dict[str, list[GoldDocument]]:
    """Documents by where they come from, whose writing, how long, and when they are dated."""
    parts: dict[str, list[GoldDocument]] = {}
    for document in documents:
        for name in (
            f"source {document.source}",
            "composed" if document.source == "composed" else "real",
            f"length {_length(document)}",
            f"year {document.date[:4]}" if document.date else "year unknown",
        ):
            parts.setdefault(name, []).append(document)
    return dict(sorted(parts.items()))


def _length(document: GoldDocument) -> str:
    end = document.end or len(document.text or "") or max((s.end for s in document.spans), default=0)
    size = end - document.start
    return "under 600" if size < 600 else "600 to 1200" if size < 1200 else "over 1200"


def floor_faults(name: str, documents: Sequence[GoldDocument], found: Predictions, path: Path) -> list[str]:
    """Where the figures of model `name` fall below the floors in `path`, or the gold is another."""
    floors = tomllib.loads(path.read_text(encoding="utf-8"))[name]
    faults = []
    if floors["gold"] != fingerprint(documents):
        faults.append(f"{name}: the floors were measured on another gold: measure them again")
    reached = figures(documents, found)
    for key, least in floors["test"].items():
        if round(reached[key], 1) < least:
            faults.append(f"{name}: {key} is {reached[key]:.1f}, the floor is {least}")
    return faults


def claim_scores(
    documents: Sequence[GoldDocument], texts: Sequence[TrainingDocument], found: Predictions | None
) -> claims.Score:
    """The claims of every document whose text is at hand, on predicted spans or (None) on the gold's."""
    at_hand = {text.id: text for text in texts}
    total = claims.Score()
    for document in documents:
        article = at_hand.get(document.id)
        if article is not None:
            spans = article.spans if found is None else _own(article, found.get(document.id, ()))
            published = dt.date.fromisoformat(article.date) if article.date else None
            records = casualties.records(article.text, spans, published)
            total += claims.score(document, article, spans, records)
    return total


def _own(article: TrainingDocument, spans: Iterable[Span]) -> tuple[Span, ...]:
    """Predicted spans in the coordinates of the annotated stretch, with their text."""
    moved = ((s.start - article.offset, s.end - article.offset, s) for s in spans)
    return tuple(Span(a, b, s.label, article.text[a:b], s.score) for a, b, s in moved)


def _print_claims(documents: Sequence[GoldDocument], found: Predictions, path: Path) -> None:
    texts = corpora.read(path)
    for name, spans in (("gold spans", None), ("predicted spans", found)):
        print(f"\nclaims on {name}: {claims.table(claim_scores(documents, texts, spans))}")


def _predictions(source: Path, part: str, texts: Path) -> Predictions:
    if source.suffix == ".jsonl":
        return predictions.read(source)
    from hasila.tagger import Tagger

    documents = [d for d in corpora.read(texts) if d.part == part]
    return predictions.predict(Tagger.from_pretrained(str(source)), documents, progress=True)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.score", description=__doc__.split("\n")[0])
    parser.add_argument("source", nargs="?", type=Path, default=COMMITTED)
    parser.add_argument("--part", choices=gold.PARTS, default="test")
    parser.add_argument("--documents", type=Path, default=corpora.DOCUMENTS, help="texts, for a folder")
    parser.add_argument("--claims", action="store_true", help="score the claims too")
    parser.add_argument("-o", dest="out", type=Path, metavar="PREDICTIONS", help="keep the predictions")
    options = parser.parse_args(arguments)
    try:
        documents = [d for d in gold.read() if d.part == options.part]
        found = _predictions(options.source, options.part, options.documents)
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if options.out:
        predictions.write(found, options.out)
    print(f"{options.source} on {options.part}: {len(documents)} documents\n")
    print(label_table(documents, found), slice_table(documents, found), sep="\n\n")
    missing = [d.id for d in documents if d.id not in found]
    if missing:
        print(f"\n{len(missing)} documents without predictions count as missed: {' '.join(missing[:5])} …")
    if options.part == "test" and REGEX.exists():
        print(f"\nregex floor: {_one_line(figures(documents, predictions.read(REGEX)))}")
    if options.claims:
        try:
            _print_claims(documents, found, options.documents)
        except OSError as error:
            print(error, file=sys.stderr)
            return 2
    return 0


def _one_line(reached: dict[str, float]) -> str:
    return ", ".join(f"{key} {value:.1f}" for key, value in reached.items())


if __name__ == "__main__":
    sys.exit(main())
