"""A claim as one flat row, and the rows of many articles as CSV or GeoJSON.

`row` flattens one claim; `write_csv` writes one claim a row, as Excel opens it right (UTF-8 with a byte
order mark, CRLF, no string that runs as a formula); `write_geojson` writes the claims that have coordinates
as an RFC 7946 FeatureCollection. Nothing is summed or left out: `events.py` is for tables of events.
"""

from __future__ import annotations

import csv
import datetime as dt
import json
import math
import re
import tempfile
from bisect import bisect_left, bisect_right
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, TextIO

from hasila.document import Casualty, Document, Interval, Place

Cell = str | int | float | None
Row = dict[str, Cell]

COLUMNS = (
    *("document", "published", "date_from", "model", "claim", "outcome", "quote", "start", "end", "score"),
    *("min", "max", "kind", "policy", "status", "victim", "of", "of_actor", "by", "by_actor", "where"),
    *("place_name", "place_id", "lat", "lon", "admin1", "country", "place_precision"),
    *("when", "date_start", "date_end", "date_precision", "source", "event", "weapon"),
    *("part_of", "same_as", "flags", "sentence"),
)

# A full stop after a single letter ends an abbreviation (`د. محمد`), not a sentence.
_BORDER = re.compile(r"(?:(?<!\b[^\W\d_])\.|[!?؟…])+[»\"”)\]]*(?=\s|$)|[\n\r\u2028\u2029]+")
# What spreadsheets read as the start of a formula; the wide forms are folded to it by some of them.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
_SPOOLED = 1 << 24


class Sentences:
    """Where the sentences of a text end, found once, for the claims in it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._ends = [match.end() for match in _BORDER.finditer(text)]

    def around(self, start: int, end: int) -> str:
        """The sentence or sentences that hold `text[start:end]`, without the white space around."""
        left = bisect_right(self._ends, start)
        right = bisect_left(self._ends, end)
        begin = self._ends[left - 1] if left else 0
        stop = self._ends[right] if right < len(self._ends) else len(self._text)
        return self._text[begin:stop].strip()


def rows(document: Document) -> Iterator[Row]:
    """The claims of a document as rows of `COLUMNS`, in their order; its own fields are not in them.

    `claim` counts from 1; `part_of` and `same_as` are such numbers. Unknown is None.
    """
    sentences = Sentences(document.text)
    numbers = {claim.span: number for number, claim in enumerate(document.casualties, 1)}
    for number, claim in enumerate(document.casualties, 1):
        yield _row(document, number, claim, numbers, sentences.around(claim.start, claim.end))


def _row(document: Document, number: int, claim: Casualty, numbers: Mapping[int, int], sentence: str) -> Row:
    links = (claim.part_of, claim.same_as)
    cells: tuple[Cell, ...] = (
        *(document.id, _iso(document.date), document.date_from, document.model),
        *(number, claim.label, claim.text, claim.start, claim.end, _rounded(claim.score)),
        *(claim.min, claim.max, claim.kind, claim.policy, claim.status, claim.victim),
        *(quoted(document, claim.of), claim.of_actor, quoted(document, claim.by), claim.by_actor),
        *(quoted(document, claim.where), *_place(claim.place)),
        *(quoted(document, claim.when), *_days(claim.date)),
        *(quoted(document, link) for link in (claim.source, claim.event, claim.weapon)),
        *(None if link is None else numbers.get(link) for link in links),
        *(";".join(claim.flags) or None, sentence),
    )
    return dict(zip(COLUMNS, cells, strict=True))


def _place(place: Place | None) -> tuple[Cell, ...]:
    if place is None:
        return (None,) * 7
    return (
        *(place.name, place.id, place.lat, place.lon),
        *(place.admin1, place.country, place.precision),
    )


def _days(date: Interval | None) -> tuple[Cell, ...]:
    return (None,) * 3 if date is None else (_iso(date.start), _iso(date.end), date.precision)


def quoted(document: Document, link: int | None) -> str | None:
    """The text of the span that a link points to; None where it points to none."""
    return None if link is None else document.spans[link].text


def named(keys: Iterable[str], taken: Container[str] = COLUMNS) -> dict[str, str]:
    """A column name for each field of a document: the field's own, with `meta_` before it on a clash."""
    names: dict[str, str] = {}
    used: set[str] = set()
    for key in keys:
        name = key
        while name in taken or name in used:
            name = f"meta_{name}"
        used.add(name)
        names[key] = name
    return names


def write_csv(documents: Iterable[Document], out: TextIO) -> int:
    """Write one claim a row; returns how many. `out` must not translate newlines.

    The documents' own fields follow as columns, all that occur in any of them. They are known only at the
    end, so rows wait in a spool: memory up to 16 MB, then a temporary file.
    """
    keys: dict[str, None] = {}
    with tempfile.SpooledTemporaryFile(_SPOOLED, "w+", encoding="utf-8", newline="\n") as spool:
        for document in documents:
            keys.update(dict.fromkeys(document.meta))
            meta = {key: plain(value) for key, value in document.meta.items()}
            for cells in rows(document):
                spool.write(json.dumps([list(cells.values()), meta]) + "\n")
        spool.seek(0)
        lines = map(json.loads, spool)
        table = ([*cells, *(meta.get(key) for key in keys)] for cells, meta in lines)
        return write_table([*COLUMNS, *named(keys).values()], table, out)


def write_table(header: Sequence[str], table: Iterable[Iterable[Cell]], out: TextIO) -> int:
    """A CSV file as Excel opens it right: byte order mark, CRLF, strings guarded, unknown cells empty.

    Returns how many rows it wrote below the header.
    """
    count = 0
    out.write("\ufeff")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(map(guarded, header))
    for count, cells in enumerate(table, 1):  # noqa: B007
        writer.writerow(map(guarded, cells))
    return count


def guarded(cell: Cell) -> Cell:
    """The cell, with an apostrophe before a string that a spreadsheet would run; numbers stay numbers."""
    return "'" + cell if isinstance(cell, str) and cell.startswith(_FORMULA) else cell


def write_geojson(documents: Iterable[Document], out: TextIO) -> int:
    """Write the claims with coordinates as a FeatureCollection (RFC 7946), one feature a line.

    The properties are the row and the document's own fields. Returns how many claims have no coordinates.
    """
    left_out = 0
    out.write('{"type": "FeatureCollection", "features": [')
    comma = "\n"
    for document in documents:
        names = named(document.meta)
        meta = {names[key]: _json(value) for key, value in document.meta.items()}
        for cells in rows(document):
            if cells["lat"] is None or cells["lon"] is None:
                left_out += 1
                continue
            out.write(comma + _feature({**cells, **meta}))
            comma = ",\n"
    out.write("\n]}\n")
    return left_out


def _feature(properties: dict[str, Any]) -> str:
    feature = {
        "type": "Feature",
        "id": f"{properties['document']}#{properties['claim']}",
        # Longitude first: RFC 7946, section 3.1.1.
        "geometry": {"type": "Point", "coordinates": [properties["lon"], properties["lat"]]},
        "properties": properties,
    }
    line = json.dumps(feature, ensure_ascii=False)
    # A lone surrogate has no UTF-8 form, only an escape.
    return line if line.isascii() or not re.search("[\ud800-\udfff]", line) else json.dumps(feature)


def plain(value: Any) -> Cell:
    """A field of a document as a cell: numbers and strings as they are, what is nested as JSON."""
    value = _json(value)
    if isinstance(value, bool | list | dict):
        return json.dumps(value, ensure_ascii=False)
    cell: Cell = value
    return cell


def _json(value: Any) -> Any:
    """`value` with what JSON cannot say (NaN, infinities, dates) as strings, at any depth."""
    if isinstance(value, dict):
        return {str(key): _json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_json(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    return value if value is None or isinstance(value, str | int | float) else str(value)


def _iso(day: dt.date | None) -> str | None:
    return None if day is None else day.isoformat()


def _rounded(score: float | None) -> float | None:
    return None if score is None else round(score, 4)
