"""The events of articles as rows of ACLED: its columns, codes and rules for fatalities.

After the ACLED Codebook in its online edition (acleddata.com/methodology/acled-codebook, undated; 31 columns,
text values in `inter1`, `inter2`, `interaction`), successor of the edition of 7 October 2024. Figures for
vague numbers are its own (tens: ACLED's FAQ on fatality methodology). What an article does not tell and what
only ACLED can give (ids, tags, source scale) stays empty; names are not ACLED's own. `docs/exports.md` has
every column.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import TextIO

from hasila import countries, events
from hasila.arabic import fold_text, without_clitics
from hasila.document import Document, Interval, Place
from hasila.events import Event
from hasila.rows import Row, Sentences, write_table
from hasila.tolls import CIVILIANS, Party

COLUMNS = (
    *("event_id_cnty", "event_date", "year", "time_precision", "disorder_type", "event_type"),
    *("sub_event_type", "actor1", "assoc_actor_1", "inter1", "actor2", "assoc_actor_2", "inter2"),
    *("interaction", "civilian_targeting", "iso", "region", "country", "admin1", "admin2", "admin3"),
    *("location", "latitude", "longitude", "geo_precision", "source", "source_scale", "notes"),
    *("fatalities", "tags", "timestamp"),
)

_INTER = {
    "rebel": "Rebel group",
    "jihadist": "Rebel group",
    "militia": "Political militia",
    "criminal": "Political militia",
    "tribal": "Identity militia",
    "civilians": "Civilians",
    "coalition": "External/Other forces",
    "peacekeepers": "External/Other forces",
    "private": "External/Other forces",
}
# The order in which an interaction names two types.
_ORDER = (
    *("State forces", "Rebel group", "Political militia", "Identity militia"),
    *("External/Other forces", "Civilians"),
)
_GEO = {"facility": 1, "quarter": 1, "town": 1, "district": 2, "governorate": 3}


def write(documents: Iterable[Document], out: TextIO) -> int:
    """Write one event a row as CSV; returns how many. `out` must not translate newlines."""
    return write_table(COLUMNS, (row.values() for document in documents for row in rows(document)), out)


def rows(document: Document) -> list[Row]:
    """The events of one article, those without deaths too, as rows of `COLUMNS`; None is an empty cell."""
    sentences = Sentences(document.text)
    numbers = {claim.span: number for number, claim in enumerate(document.casualties, 1)}
    return [_row(event, note(event, sentences, numbers)) for event in events.read(document)]


def _row(event: Event, notes: str) -> Row:
    kind, sub_kind = event_type(event)
    day, precision = event_day(event.date)
    battle = kind == "Battles"
    aimed = event.targets_civilians and not battle
    home = event.place.country if event.place else None
    first, second = event.side_a, CIVILIANS if aimed else event.side_b
    beside = event.harms_civilians and not aimed and not battle
    inters = (inter(first, home), inter(second, home))
    row: Row = dict.fromkeys(COLUMNS)
    row.update(_where(event.place))
    row.update(
        event_date=day.isoformat() if day else None,
        year=day.year if day else None,
        time_precision=precision,
        disorder_type="Political violence" if kind else None,
        event_type=kind,
        sub_event_type=sub_kind,
        actor1=_name(first, home),
        inter1=inters[0],
        actor2=_name(second, home),
        assoc_actor_2=_name(CIVILIANS, home) if beside and second else None,
        inter2=inters[1],
        interaction=interaction(*inters),
        civilian_targeting="Civilians targeted" if aimed else None,
        source="; ".join(dict.fromkeys((*outlet(event.document), *event.sources))) or None,
        notes=notes,
        fatalities=sum(toll.figures.acled for toll in event.deaths),
    )
    return row


def _where(place: Place | None) -> Row:
    """The cells of the place. A whole country is no location: ACLED records no event so wide."""
    if place is None:
        return {}
    country = countries.load().get(place.country or "")
    located = place.precision in _GEO
    return {
        "iso": country.iso if country else None,
        "region": country.acled_region if country else None,
        "country": country.acled_name if country else place.country,
        "admin1": place.admin1,
        "location": place.name if located else None,
        "latitude": None if place.lat is None or not located else round(place.lat, 4),
        "longitude": None if place.lon is None or not located else round(place.lon, 4),
        "geo_precision": _GEO.get(place.precision),
    }


def event_day(date: Interval | None) -> tuple[dt.date | None, int | None]:
    """The day that stands for an interval, and ACLED's time precision; (None, None) past a month.

    1: the day. 2: up to a week, its middle. 3: up to a month, its middle; the first day of a month's
    beginning, the last of its end.
    """
    if date is None or date.start is None or date.end is None:
        return None, None
    length = (date.end - date.start).days + 1
    middle = date.start + (date.end - date.start) // 2
    if length <= 7:
        return middle, 1 if length == 1 else 2
    if length > 31:
        return None, None
    if date.start.day == 1 and length <= 15:
        return date.start, 3
    if (date.end + dt.timedelta(1)).day == 1 and length <= 15:
        return date.end, 3
    return middle, 3


def event_type(event: Event) -> tuple[str | None, str | None]:
    """ACLED's event and sub-event type by the first row of `eventwords.tsv` that the event's words match."""
    texts = [[without_clitics(word) for word in fold_text(text).split()] for text in event.words]
    for kind, sub_kind, phrases in _event_words():
        if any(_holds(text, phrase) for text in texts for phrase in phrases):
            return (kind, sub_kind or None) if kind != "-" else _by_target(event)
    return None, None


def _by_target(event: Event) -> tuple[str | None, str | None]:
    if event.targets_civilians:
        return "Violence against civilians", "Attack"
    return ("Battles", "Armed clash") if event.side_b else (None, None)


def _holds(text: Sequence[Sequence[str]], phrase: Sequence[str]) -> bool:
    """Whether the words of a phrase begin words of the text that stand in a row."""
    return any(
        all(_begins(readings, stem) for readings, stem in zip(text[start:], phrase, strict=False))
        for start in range(len(text) - len(phrase) + 1)
    )


def _begins(readings: Sequence[str], stem: str) -> bool:
    return stem[:-1] in readings if stem.endswith(".") else any(r.startswith(stem) for r in readings)


@functools.cache
def _event_words() -> list[tuple[str, str, list[list[str]]]]:
    return [
        (row["event_type"], row["sub_event_type"], [phrase.split() for phrase in row["words"].split("|")])
        for row in countries.table("eventwords.tsv")
    ]


def inter(party: Party | None, home: str | None) -> str | None:
    """The type of an actor; a state's forces are external outside of their country. None is unknown."""
    if party is None or not party.is_state:
        return _INTER.get(party.kind or "") if party else None
    if home is None or party.country is None:
        return None
    return "State forces" if party.country == home else "External/Other forces"


def interaction(first: str | None, second: str | None) -> str | None:
    """Two types in ACLED's order; None where one is unknown (`X only` would say that there was none)."""
    if first is None or second is None:
        return None
    return "-".join(sorted((first, second), key=_ORDER.index))


def _name(party: Party | None, home: str | None) -> str | None:
    if party is not CIVILIANS:
        return party.name if party else None
    country = countries.load().get(home or "")
    return f"Civilians ({country.acled_name})" if country else "Civilians"


def outlet(document: Document) -> list[str]:
    """Who published the article, where a field of it says so."""
    found = (document.meta.get(key) for key in ("outlet", "source", "publisher"))
    return [name for name in found if isinstance(name, str) and name][:1]


def note(event: Event, sentences: Sentences, numbers: Mapping[int, int]) -> str:
    """The document, the claims counted and their retellings by number, and their sentences."""
    claims = ", ".join(f"#{numbers[claim.span]}" for claim in event.claims)
    told = dict.fromkeys(sentences.around(claim.start, claim.end) for claim in event.claims)
    return f"{event.document.id} {claims}: {' | '.join(told)}"
