"""What crosses borders: Span, Casualty, Place, Interval, Count and Document, to and from JSON.

Frozen dataclasses only. Offsets are Unicode code points `[start, end)` into the untouched text, so
`document.text[span.start:span.end] == span.text` for every span. Unknown is `None`, never 0.
The JSON form is one object a line; `Document.to_json` writes it and `Document.from_json` reads it.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import asdict, dataclass, field, fields
from typing import Any

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class Span:
    """One labelled stretch of text; `score` in 0..1 is how sure the tagger is of it (None: gold)."""

    start: int
    end: int
    label: str
    text: str
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many people: inclusive bounds (`None` is unknown or open) and the kind of expression.

    `flags` says what could not be decided from the text, e.g. `("dual_or_plural",)`.
    """

    min: int | None
    max: int | None
    kind: str
    flags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Interval:
    """Calendar days `start` to `end`, both included; either is `None` where it is open or unknown.

    `precision` names the finest unit the text gives: day, days, week, month, year or interval.
    """

    start: dt.date | None
    end: dt.date | None
    precision: str


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer; `lat` and `lon` are WGS84 degrees, `country` is ISO 3166-1 alpha-2.

    `precision` is what the coordinates stand for: facility, quarter, town, district, governorate or
    country.
    """

    name: str
    id: str | None
    lat: float | None
    lon: float | None
    admin1: str | None
    country: str | None
    precision: str


@dataclass(frozen=True, slots=True)
class Casualty:
    """One casualty claim. Links are 0-based indexes into the document's `spans`.

    `score` in 0..1 is the whole claim's; the span's own stands in `Span.score`. `flags` names what
    was doubtful, `evidence` maps a field to (cue, start, end) of the words that decided it.
    """

    span: int
    start: int
    end: int
    label: str
    text: str
    score: float | None = None
    min: int | None = None
    max: int | None = None
    kind: str | None = None
    policy: str = "none"
    status: str | None = None
    victim: str | None = None
    of: int | None = None
    by: int | None = None
    where: int | None = None
    when: int | None = None
    source: int | None = None
    part_of: int | None = None
    same_as: int | None = None
    event: int | None = None
    weapon: int | None = None
    of_actor: str | None = None
    by_actor: str | None = None
    date: Interval | None = None
    place: Place | None = None
    flags: tuple[str, ...] = ()
    evidence: dict[str, tuple[str, int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """An article and what was read in it. `date` is the publication date, `date_from` its origin."""

    id: str
    text: str
    spans: tuple[Span, ...] = ()
    casualties: tuple[Casualty, ...] = ()
    date: dt.date | None = None
    date_from: str | None = None
    model: str | None = None
    sha256: str | None = None
    meta: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    schema: int = SCHEMA

    def to_json(self) -> str:
        """One line of JSON. Lone surrogates, which UTF-8 cannot carry, are written as `\\uXXXX`."""
        line = json.dumps(_plain(asdict(self)), ensure_ascii=False)
        return line if _is_encodable(line) else json.dumps(_plain(asdict(self)))

    @classmethod
    def from_json(cls, line: str) -> Document:
        """Read what `to_json` wrote. Raises ValueError on another schema or a broken span."""
        data = json.loads(line)
        if data.get("schema") != SCHEMA:
            raise ValueError(f"schema {data.get('schema')!r} is not {SCHEMA}")
        data["spans"] = tuple(Span(**span) for span in data["spans"])
        data["casualties"] = tuple(_casualty(claim) for claim in data["casualties"])
        data["date"] = _date(data["date"])
        data["notes"] = tuple(data["notes"])
        document = cls(**{f.name: data[f.name] for f in fields(cls) if f.name in data})
        for span in document.spans:
            if document.text[span.start : span.end] != span.text:
                raise ValueError(f"span {span.start}-{span.end} does not match the text")
        return document


def _plain(value: Any) -> Any:
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def _date(value: str | None) -> dt.date | None:
    return None if value is None else dt.date.fromisoformat(value)


def _casualty(claim: dict[str, Any]) -> Casualty:
    claim = dict(claim)
    if claim.get("date") is not None:
        days = claim["date"]
        claim["date"] = Interval(_date(days["start"]), _date(days["end"]), days["precision"])
    if claim.get("place") is not None:
        claim["place"] = Place(**claim["place"])
    claim["flags"] = tuple(claim.get("flags", ()))
    evidence = claim.get("evidence", {})
    claim["evidence"] = {key: (str(cue), int(s), int(e)) for key, (cue, s, e) in evidence.items()}
    return Casualty(**claim)


def _is_encodable(line: str) -> bool:
    try:
        line.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True
