"""Articles in: .txt, .jsonl, folders of both, standard input. Each bad one is one line, the rest is read.

A text is what the bytes say in UTF-8: newlines are not translated, a leading BOM stays. A `.txt` file
is one article, its id the file's stem, its date a line of a `dates.tsv` beside it (id, date). A `.jsonl`
line has `text`, and if it likes `id` and `date`; every other field goes to `meta`.
"""

from __future__ import annotations

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO

SUFFIXES = (".txt", ".jsonl")
_YEAR_FIRST = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?!\d)")
_DAY_FIRST = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})(?!\d)")


@dataclass(frozen=True, slots=True)
class Article:
    """One article to read. `origin` is the file, with `:line` where it is a line of one."""

    id: str
    text: str
    origin: str
    date: dt.date | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Failure:
    """An input that could not be read, and why."""

    origin: str
    reason: str

    def __str__(self) -> str:
        return f"{self.origin}: {self.reason}"


def read(paths: Iterable[Path]) -> Iterator[Article | Failure]:
    """Everything below `paths` in order; folders are walked, sorted, for `.txt` and `.jsonl`."""
    for path in paths:
        try:
            yield from _read_path(path)
        except OSError as error:  # a name or a folder that the disk refuses
            yield Failure(str(path), _why(error))


def read_stream(stream: BinaryIO) -> Iterator[Article | Failure]:
    """Standard input as one article."""
    yield from _read_text("stdin", "stdin", stream.read(), None, ())


def parse_date(value: str) -> dt.date:
    """A day from `YYYY-MM-DD` (a time may follow) or `DD/MM/YYYY`. Raises ValueError."""
    year_first, day_first = _YEAR_FIRST.match(value.strip()), _DAY_FIRST.match(value.strip())
    if year_first:
        return dt.date(*map(int, year_first.groups()))
    if day_first:
        return dt.date(*map(int, reversed(day_first.groups())))
    raise ValueError(f"{value!r} is no date")


def _read_path(path: Path) -> Iterator[Article | Failure]:
    if path.is_dir():
        inside = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
        if not inside:
            yield Failure(str(path), "no .txt or .jsonl file in this folder")
        for file in inside:
            yield from _read_file(file)
    elif path.suffix not in SUFFIXES and path.exists():
        yield Failure(str(path), f"unknown kind of file {path.suffix!r}; known are .txt and .jsonl")
    else:
        yield from _read_file(path)


def _read_file(path: Path) -> Iterator[Article | Failure]:
    if path.suffix == ".jsonl":
        yield from _read_lines(path)
        return
    try:
        data = path.read_bytes()
    except OSError as error:
        yield Failure(str(path), _why(error))
        return
    date, warnings = _date_beside(path)
    yield from _read_text(path.stem, str(path), data, date, warnings)


def _read_text(
    identity: str, origin: str, data: bytes, date: dt.date | None, warnings: tuple[str, ...]
) -> Iterator[Article | Failure]:
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        yield Failure(origin, _not_utf8(data, error))
        return
    if not text:
        yield Failure(origin, "empty file")
        return
    yield Article(identity, text, origin, date, warnings=warnings)


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "not UTF-8 but UTF-16: convert it first"
    line = data.count(b"\n", 0, error.start) + 1
    return f"not UTF-8: byte 0x{data[error.start]:02x} at offset {error.start} (line {line})"


def _why(error: OSError) -> str:
    return "no such file" if isinstance(error, FileNotFoundError) else (error.strerror or str(error))


def _read_lines(path: Path) -> Iterator[Article | Failure]:
    empty = True
    try:
        with path.open("rb") as source:
            for number, line in enumerate(source, 1):
                if line.strip(b"\xef\xbb\xbf \t\r\n"):
                    empty = False
                    yield _read_line(f"{path}:{number}", line)
    except OSError as error:
        yield Failure(str(path), _why(error))
        return
    if empty:
        yield Failure(str(path), "empty file")


def _read_line(origin: str, line: bytes) -> Article | Failure:
    try:
        data = json.loads(line.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        return Failure(origin, f"not UTF-8: byte 0x{line[error.start]:02x} at column {error.start + 1}")
    except json.JSONDecodeError as error:
        return Failure(origin, f"not JSON: {error.msg} at column {error.colno}")
    except (RecursionError, ValueError) as error:
        return Failure(origin, f"not JSON: {error or 'nested too deeply'}")
    if not isinstance(data, dict) or not isinstance(data.get("text"), str):
        return Failure(origin, "no text: a line is an object with a string `text`")
    if not data["text"]:
        return Failure(origin, "empty text")
    date, warnings = _date_of(origin, data.get("date"))
    identity = data.get("id")
    meta = {key: value for key, value in data.items() if key not in ("id", "text", "date")}
    if date is None and data.get("date") not in (None, ""):
        meta["date"] = data["date"]
    return Article(origin if identity is None else str(identity), data["text"], origin, date, meta, warnings)


def _date_of(origin: str, value: object) -> tuple[dt.date | None, tuple[str, ...]]:
    """The date, or a warning where there is one that cannot be read: the article is read without."""
    if value is None or value == "":
        return None, ()
    try:
        return parse_date(str(value)), ()
    except ValueError:
        return None, (f"{origin}: date {str(value)[:40]!r} is not YYYY-MM-DD; read without a date",)


def _date_beside(path: Path) -> tuple[dt.date | None, tuple[str, ...]]:
    table = path.parent / "dates.tsv"
    return _date_of(f"{table} ({path.stem})", _dates(table).get(path.stem)) if table.is_file() else (None, ())


@cache
def _dates(table: Path) -> dict[str, str]:
    lines = table.read_text(encoding="utf-8-sig", errors="replace").splitlines()
    rows = (line.split("\t") for line in lines if "\t" in line)
    return {row[0]: row[1].strip() for row in rows if row[0] != "id"}
