"""The gold: reading and checking `annotations/*.jsonl`, counts a label.

    python -m training.gold [--corpora DIR...]

Every file is checked: overlaps, order, unknown labels and attribute values, references to nothing or to
the wrong kind of span, and, where the text is at hand (own texts, seeds, corpora named), word edges and
text that changed. Each fault names file, line and span; any fault makes the command fail.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hasila.arabic import words
from hasila.labels import LABELS, LINKS, is_casualty
from training.faults import REQUIRED
from training.faults import faults as data_faults

ANNOTATIONS = Path("annotations")
FILES = ("seeds.jsonl", "khaleej_ant.jsonl", "composed.jsonl")
PARTS = ("train", "dev", "test")


class GoldError(ValueError):
    """Gold that cannot be used; the message lists each fault with file and line."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What the gold says of a casualty span; links are indexes into the document's spans.

    `unread` names the attributes that nobody has annotated yet: unknown, not null.
    """

    kind: str
    min: int | None
    max: int | None
    status: str
    victim: str
    of: int | None
    by: int | None
    where: int | None
    when: int | None
    source: int | None
    part_of: int | None
    same_as: int | None = None
    event: int | None = None
    weapon: int | None = None
    unread: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class GoldSpan:
    """A labelled span, `[start, end)` code points into the whole article."""

    start: int
    end: int
    label: str
    claim: Claim | None = None


@dataclass(frozen=True, slots=True)
class GoldDocument:
    """One annotated article; only `[start, end)` of it is annotated (`end` None: to its end)."""

    id: str
    source: str  # seeds, khaleej, ant or composed
    part: str
    sha256: str
    spans: tuple[GoldSpan, ...]
    start: int = 0
    end: int | None = None
    date: str | None = None
    text: str | None = None  # own texts only
    origin: str = ""  # file:line
    extra: dict[str, Any] = field(default_factory=dict)


def read(folder: Path = ANNOTATIONS, files: Iterable[str] = FILES) -> list[GoldDocument]:
    """All documents of the gold in file order. Raises GoldError that lists every fault found."""
    split = read_split(folder / "split.tsv")
    documents: list[GoldDocument] = []
    faults: list[str] = []
    for name in files:
        for origin, data in _lines(folder / name, faults):
            found = list(data_faults(data, split))
            faults.extend(f"{origin}: {fault}" for fault in found)
            if not found:
                documents.append(_document(data, origin, name, split))
    faults.extend(_repeated(documents))
    if faults:
        raise GoldError("\n".join(faults))
    return documents


def read_split(path: Path) -> dict[str, str]:
    """Document id to train, dev or test. Raises GoldError on an unknown part or a repeated id."""
    split: dict[str, str] = {}
    with path.open(encoding="utf-8", newline="") as lines:
        for number, row in enumerate(csv.DictReader(lines, delimiter="\t"), 2):
            if row["part"] not in PARTS or row["id"] in split:
                raise GoldError(f"{path}:{number}: unknown part or repeated id: {row['id']} {row['part']}")
            split[row["id"]] = row["part"]
    return split


def text_faults(document: GoldDocument, text: str) -> Iterator[str]:
    """What is wrong with the spans of `document` in the whole article `text`."""
    if hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest() != document.sha256:
        yield f"{document.origin}: {document.id}: the text changed: its sha256 is not the gold's"
        return
    offsets = words(text)
    starts, ends = {start for start, _ in offsets}, {end for _, end in offsets}
    for index, span in enumerate(document.spans):
        if span.start not in starts or span.end not in ends:
            yield (
                f"{document.origin}: {document.id}: span {index} {span.start}-{span.end} "
                f"{text[span.start : span.end]!r} does not lie at word edges"
            )


def _lines(path: Path, faults: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    for number, line in enumerate(path.read_text(encoding="utf-8").split("\n"), 1):
        if not line:
            continue
        try:
            data = json.loads(line)
        except json.JSONDecodeError as error:
            faults.append(f"{path.name}:{number}: not JSON: {error}")
            continue
        if isinstance(data, dict):
            yield f"{path.name}:{number}", data
        else:
            faults.append(f"{path.name}:{number}: not an object")


def _document(data: dict[str, Any], origin: str, name: str, split: dict[str, str]) -> GoldDocument:
    known = ("id", "sha256", "spans", "start", "end", "date", "text")
    source = {"seeds.jsonl": "seeds", "composed.jsonl": "composed"}.get(name)
    return GoldDocument(
        id=data["id"],
        source=source or data["id"].split("-")[0].removeprefix("sanad_"),
        part=split[data["id"]],
        sha256=data["sha256"],
        spans=tuple(_span(span) for span in data["spans"]),
        start=data.get("start", 0),
        end=data.get("end"),
        date=data.get("date"),
        text=data.get("text"),
        origin=origin,
        extra={key: value for key, value in data.items() if key not in known},
    )


def _span(data: dict[str, Any]) -> GoldSpan:
    claim = None
    if is_casualty(data["label"]):
        unread = tuple(key for key in LINKS if key not in data)
        claim = Claim(**{key: data.get(key) for key in (*REQUIRED, *LINKS)}, unread=unread)
    return GoldSpan(data["start"], data["end"], data["label"], claim)


def _repeated(documents: list[GoldDocument]) -> Iterator[str]:
    seen: set[str] = set()
    for document in documents:
        if document.id in seen:
            yield f"{document.origin}: repeated id {document.id}"
        seen.add(document.id)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.gold", description=__doc__.split("\n")[0])
    parser.add_argument("--corpora", nargs="+", type=Path, default=[], metavar="DIR", help="check texts too")
    options = parser.parse_args(arguments)
    from training import corpora

    try:
        documents = read()
    except GoldError as error:
        print(error, file=sys.stderr)
        return 1
    texts, missing = corpora.find(documents, options.corpora)
    faults = [fault for d in documents if d.id in texts for fault in text_faults(d, texts[d.id])]
    print("\n".join(faults), file=sys.stderr, end="\n" if faults else "")
    print(_table(documents))
    print(f"{len(documents)} documents, {len(texts)} with text at hand, {len(missing)} without")
    return 1 if faults else 0


def _table(documents: list[GoldDocument]) -> str:
    counts = Counter((span.label, d.part) for d in documents for span in d.spans)
    rows = [f"{'label':10}" + "".join(f"{part:>8}" for part in PARTS) + f"{'all':>8}"]
    for label in LABELS:
        numbers = [counts[label, part] for part in PARTS]
        rows.append(f"{label:10}" + "".join(f"{n:8}" for n in (*numbers, sum(numbers))))
    totals = [sum(counts[label, part] for label in LABELS) for part in PARTS]
    rows.append(f"{'all':10}" + "".join(f"{n:8}" for n in (*totals, sum(totals))))
    return "\n".join(rows)


if __name__ == "__main__":
    sys.exit(main())
