"""The corpora on the user's disk: article texts by id, and the training documents made of them.

    python -m training.corpora DIR... [-o FILE]

The repository holds labels of public articles but not their text. This finds the text, by id and by
sha256, in parquet files (columns id, text), JSONL (id, text) and .txt files of the folders named, cuts
each article to its annotated stretch and writes one training document a line. Articles that it cannot
find are named; own texts and seeds need no corpus.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from hasila.document import Span
from training import gold

DOCUMENTS = Path(".cache/documents.jsonl")
SEEDS = Path("seeds")


@dataclass(frozen=True, slots=True)
class TrainingDocument:
    """The annotated stretch of an article as a text of its own.

    Spans count from its beginning; `offset` added to them gives the article's own offsets.
    """

    id: str
    part: str
    source: str
    date: str | None
    offset: int
    text: str
    spans: tuple[Span, ...]


def sha256(text: str) -> str:
    """Hex digest of the text's UTF-8 bytes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def articles(folder: Path) -> Iterator[tuple[str, str]]:
    """(id, text) of every article below `folder`, newlines untranslated.

    Files that cannot be read, and lines that are no JSON, are told on standard error and passed over.
    """
    readers = {".txt": _text, ".jsonl": _lines, ".parquet": _parquet}
    for path in sorted(folder.rglob("*")):
        if path.suffix not in readers or not path.is_file():
            continue
        try:
            yield from readers[path.suffix](path)
        except (OSError, ValueError) as error:  # pyarrow's are ValueErrors too
            print(f"{path}: passed over: {error}", file=sys.stderr)


def _text(path: Path) -> Iterator[tuple[str, str]]:
    yield path.stem, path.read_bytes().decode("utf-8")


def _lines(path: Path) -> Iterator[tuple[str, str]]:
    broken = []
    for number, line in enumerate(path.read_bytes().split(b"\n"), 1):
        try:
            data = json.loads(line) if line.strip() else None
        except ValueError:
            broken.append(number)
            continue
        if isinstance(data, dict) and isinstance(data.get("text"), str):
            yield str(data.get("id", "")), data["text"]
    if broken:
        print(f"{path}: {len(broken)} lines are no JSON, the first is {broken[0]}", file=sys.stderr)


def _parquet(path: Path) -> Iterator[tuple[str, str]]:
    from pyarrow import parquet

    source = parquet.ParquetFile(path)
    if not {"id", "text"} <= set(source.schema_arrow.names):
        return
    for batch in source.iter_batches(batch_size=1024, columns=["id", "text"]):
        for identity, text in zip(*(column.to_pylist() for column in batch.columns), strict=True):
            if text is not None:
                yield str(identity), text


def find(documents: Iterable[gold.GoldDocument], folders: Iterable[Path]) -> tuple[dict[str, str], list[str]]:
    """Whole article texts by document id, and the ids of those whose text is nowhere.

    A text counts only where its sha256 is the gold's, under whatever id its copy has.
    """
    documents = list(documents)
    wanted: dict[str, list[str]] = {}
    for document in documents:
        wanted.setdefault(document.sha256, []).append(document.id)
    texts = {d.id: d.text for d in documents if d.text is not None}
    for folder in (SEEDS, *folders):
        for _, text in articles(folder):
            texts.update(dict.fromkeys(wanted.get(sha256(text), ()), text))
    return texts, [d.id for d in documents if d.id not in texts]


def build(documents: Iterable[gold.GoldDocument], texts: dict[str, str]) -> list[TrainingDocument]:
    """A training document of every gold document whose text is at hand."""
    return [_cut(document, texts[document.id]) for document in documents if document.id in texts]


def _cut(document: gold.GoldDocument, text: str) -> TrainingDocument:
    start = document.start
    stretch = text[start : document.end]
    spans = tuple(
        Span(s.start - start, s.end - start, s.label, text[s.start : s.end]) for s in document.spans
    )
    return TrainingDocument(document.id, document.part, document.source, document.date, start, stretch, spans)


def write(documents: Iterable[TrainingDocument], path: Path) -> None:
    """One JSON object a line, written whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    with partial.open("w", encoding="utf-8", newline="\n") as out:
        for document in documents:
            out.write(json.dumps(asdict(document), ensure_ascii=False) + "\n")
    partial.replace(path)


def read(path: Path) -> list[TrainingDocument]:
    """What `write` wrote. Raises FileNotFoundError with the command that makes it."""
    if not path.exists():
        raise FileNotFoundError(f"{path}: make it with python -m training.corpora DIR...")
    documents = []
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line:
            data = json.loads(line)
            data["spans"] = tuple(Span(**span) for span in data["spans"])
            documents.append(TrainingDocument(**data))
    return documents


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.corpora", description=__doc__.split("\n")[0])
    parser.add_argument("folders", nargs="*", type=Path, metavar="DIR")
    parser.add_argument("-o", dest="out", type=Path, default=DOCUMENTS, metavar="FILE")
    options = parser.parse_args(arguments)
    absent = [str(folder) for folder in options.folders if not folder.is_dir()]
    if absent:
        parser.error(f"no such folder: {', '.join(absent)}")
    documents = gold.read()
    texts, missing = find(documents, options.folders)
    write(build(documents, texts), options.out)
    print(f"{len(texts)} of {len(documents)} documents written to {options.out}")
    if missing:
        print(f"text not found for {len(missing)}: {' '.join(missing)}", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
