"""The command `hasila`: extract claims from articles, list the embedded models.

Exit codes: 0 all done, 1 some inputs failed (each named on standard error), 2 wrong call.
"""

from __future__ import annotations

import argparse
import contextlib
import datetime as dt
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from hasila import __version__

if TYPE_CHECKING:
    from hasila.document import Document
    from hasila.extractor import Extractor
    from hasila.files import Article, Failure

FORMATS = ("table", "jsonl", "csv", "geojson", "acled", "ged")


def main(arguments: list[str] | None = None) -> int:
    """Run the command; returns the exit code."""
    # Lone surrogates and narrow locales must not stop a run: output is UTF-8, escapes where it cannot be.
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError):  # a captured stream
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", newline="")  # type: ignore[union-attr]
    options = _parser().parse_args(arguments)
    try:
        code: int = options.run(options)
        sys.stdout.flush()
    except BrokenPipeError:  # the reader (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 130
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hasila", description="Reads Arabic news of armed conflict: entities and casualty claims."
    )
    parser.add_argument("--version", action="version", version=f"hasila {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    extract = commands.add_parser("extract", help="articles in, entities and casualty claims out")
    extract.add_argument("paths", nargs="*", type=Path, metavar="PATH", help=".txt, .jsonl, a folder, or -")
    extract.add_argument("--model", default="small", metavar="NAME", help="embedded name or a folder")
    extract.add_argument("--date", type=_date, metavar="YYYY-MM-DD", help="for articles that carry none")
    extract.add_argument("--min-score", type=_score, default=0.0, metavar="P", help="drop spans below P")
    extract.add_argument("--policy", default="none", help="bounds of vague counts: none (default) or acled")
    extract.add_argument("--format", choices=FORMATS, default="table")
    extract.add_argument("-o", dest="out", type=Path, metavar="FILE")
    extract.set_defaults(run=_extract)
    models = commands.add_parser("models", help="what is embedded, with scores, licence and sources")
    models.set_defaults(run=_models)
    return parser


def _date(value: str) -> dt.date:
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{value!r} is not a date YYYY-MM-DD") from None


def _score(value: str) -> float:
    with contextlib.suppress(ValueError):
        if 0.0 <= float(value) <= 1.0:
            return float(value)
    raise argparse.ArgumentTypeError(f"{value!r} is not between 0 and 1")


def _extract(options: argparse.Namespace) -> int:
    from hasila.extractor import Extractor
    from hasila.models import ModelError

    if not options.paths and sys.stdin.isatty():
        print("hasila extract: name a file or folder, or pipe an article in", file=sys.stderr)
        return 2
    try:
        extractor = Extractor(options.model, policy=options.policy, min_score=options.min_score)
    except (ModelError, ValueError) as error:
        print(f"hasila extract: {error}", file=sys.stderr)
        return 2
    failures = [0]
    try:
        with _output(options.out) as out:
            _write(_documents(options, extractor, failures), options.format, out)
    except BrokenPipeError:
        raise
    except OSError as error:
        print(f"hasila extract: {error.filename or options.out}: {error.strerror}", file=sys.stderr)
        return 2
    return 1 if failures[0] else 0


def _documents(options: argparse.Namespace, extractor: Extractor, failures: list[int]) -> Iterator[Document]:
    """Documents of all inputs; what fails is said on standard error, counted, and passed over."""
    from hasila.files import Failure

    seen: dict[str, str] = {}
    for item in _inputs(options.paths):
        if isinstance(item, Failure):
            failures[0] += 1
            print(item, file=sys.stderr)
            continue
        for warning in item.warnings:
            print(warning, file=sys.stderr)
        if item.id in seen:
            print(f"{item.origin}: id {item.id!r} repeats that of {seen[item.id]}", file=sys.stderr)
        seen.setdefault(item.id, item.origin)
        try:
            yield extractor(item.text, item.date or options.date, id=item.id, meta=item.meta)
        except ValueError as error:
            failures[0] += 1
            print(f"{item.origin}: {error}", file=sys.stderr)


def _inputs(paths: list[Path]) -> Iterator[Article | Failure]:
    from hasila import files

    if not paths or paths == [Path("-")]:
        yield from files.read_stream(sys.stdin.buffer)
    else:
        yield from files.read(paths)


def _write(documents: Iterator[Document], form: str, out: TextIO) -> None:
    if form == "table":
        from hasila import tables

        console = tables.console(out)
        for document in documents:
            console.print(tables.document(document))
    elif form == "jsonl":
        for document in documents:
            out.write(document.to_json() + "\n")
            out.flush()
    elif form == "geojson":
        from hasila import rows

        unlocated = rows.write_geojson(documents, out)
        if unlocated:
            print(f"{unlocated} claims without coordinates are not in the GeoJSON", file=sys.stderr)
    else:
        from hasila import acled, ged, rows

        {"csv": rows.write_csv, "acled": acled.write, "ged": ged.write}[form](documents, out)


@contextlib.contextmanager
def _output(path: Path | None) -> Iterator[TextIO]:
    """Standard output, or `path`, written beside it and put in its place when whole."""
    if path is None:
        yield sys.stdout
        return
    in_place = path.exists() and not path.is_file()  # a pipe or a device: nothing may take its place
    target = path if in_place else path.with_name(f".{path.name}.partial")
    try:
        out = target.open("w", encoding="utf-8", errors="backslashreplace", newline="\n")
    except OSError as error:
        error.filename = path
        raise
    try:
        with out:
            yield out
        if not in_place:
            target.replace(path)
    except BaseException:
        if not in_place:
            target.unlink(missing_ok=True)
        raise


def _models(_: argparse.Namespace) -> int:
    from hasila import models, tables

    try:
        manifests = [models.load(name).manifest for name in models.embedded()]
    except models.ModelError as error:
        print(f"hasila models: {error}", file=sys.stderr)
        return 1
    tables.console(sys.stdout).print(tables.models(dict(m) for m in manifests))
    return 0


if __name__ == "__main__":
    sys.exit(main())
