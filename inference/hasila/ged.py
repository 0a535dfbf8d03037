"""The events of articles as rows of UCDP GED: its columns, codes and rules for deaths.

After the UCDP Georeferenced Event Dataset Codebook, version 24.1 (the 49 columns of GEDEvent_v24_1). Only
events with at least one death are events there. Deaths are attributed to the side that lost them. What an
article does not tell and what only UCDP can give (ids, conflicts, dyads, grid cells) stays empty, and so is
a number that the text leaves open. `docs/exports.md` has every column.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TextIO

from hasila import countries, events
from hasila.acled import outlet
from hasila.document import Document, Interval, Place
from hasila.events import Event
from hasila.rows import Cell, Row, quoted, write_table
from hasila.tolls import CIVILIANS, Party, days

_DEATHS = ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")
COLUMNS = (
    *("id", "relid", "year", "active_year", "code_status", "type_of_violence"),
    *("conflict_dset_id", "conflict_new_id", "conflict_name", "dyad_dset_id", "dyad_new_id", "dyad_name"),
    *("side_a_dset_id", "side_a_new_id", "side_a", "side_b_dset_id", "side_b_new_id", "side_b"),
    *("number_of_sources", "source_article", "source_office", "source_date", "source_headline"),
    *("source_original", "where_prec", "where_coordinates", "where_description", "adm_1", "adm_2"),
    *("latitude", "longitude", "geom_wkt", "priogrid_gid", "country", "country_id", "region"),
    *("event_clarity", "date_prec", "date_start", "date_end"),
    *(*_DEATHS, "best", "high", "low"),
    *("gwnoa", "gwnob"),
)

_WHERE_PREC = {"facility": 1, "quarter": 1, "town": 1, "district": 3, "governorate": 4, "country": 6}
# (most days, date_prec): a day, two to six, a week, a month, a year.
_DATE_PREC = ((1, 1), (6, 2), (7, 3), (31, 4), (366, 5))


def write(documents: Iterable[Document], out: TextIO) -> int:
    """Write one event a row as CSV; returns how many. `out` must not translate newlines."""
    return write_table(COLUMNS, (row.values() for document in documents for row in rows(document)), out)


def rows(document: Document) -> list[Row]:
    """The deadly events of one article as rows of `COLUMNS`; None is an empty cell."""
    found = events.read(document)
    return [_row(event) for event in found if any(toll.figures.high != 0 for toll in event.deaths)]


def _row(event: Event) -> Row:
    first, second = sides(event)
    row: Row = dict.fromkeys(COLUMNS)
    row.update(_source(event))
    row.update(_where(event))
    row.update(_when(event.date))
    row.update(_deaths(event, first, second))
    row.update(
        type_of_violence=type_of_violence(first, second),
        side_a=_name(first),
        side_b=_name(second),
        dyad_name=f"{_name(first)} - {_name(second)}" if first and second else None,
        gwnoa=_state(first),
        gwnob=_state(second),
    )
    return row


def sides(event: Event) -> tuple[Party | None, Party | None]:
    """Side A and side B: a state before who fights it, else the party held responsible before the other."""
    if event.side_b is None and event.targets_civilians:
        return event.side_a, CIVILIANS
    first, second = event.side_a, event.side_b
    if second and second.is_state and not (first and first.is_state):
        return second, first
    return first, second


def type_of_violence(first: Party | None, second: Party | None) -> int | None:
    """1 state-based, 2 non-state, 3 one-sided; None where a side, or what it is, is unknown."""
    if first is None or second is None or None in (first.kind, second.kind):
        return None
    if second == CIVILIANS:
        return 3
    return 1 if first.is_state or second.is_state else 2


def _deaths(event: Event, first: Party | None, second: Party | None) -> Row:
    """Best estimates by side, and the bounds of all. A sum with an unknown number in it is unknown."""
    columns = {first: "deaths_a", second: "deaths_b", CIVILIANS: "deaths_civilians", None: "deaths_unknown"}
    numbers: dict[str, list[int | None]] = {name: [] for name in _DEATHS}
    for toll in event.deaths:
        for side, number in toll.shares or ((toll.victims, toll.figures.best),):
            numbers[columns.get(side, "deaths_unknown")].append(number)
    told = [toll.figures for toll in event.deaths]
    return {
        **{name: _sum(found) for name, found in numbers.items()},
        "best": _sum([one.best for one in told]),
        "high": _sum([one.high for one in told]),
        "low": _sum([one.low for one in told]),
    }


def _sum(numbers: list[int | None]) -> int | None:
    known = [number for number in numbers if number is not None]
    return sum(known) if len(known) == len(numbers) else None


def _when(date: Interval | None) -> Row:
    """Event clarity is 1 for a single known day, 2 for what the article sums up over more."""
    if date is None:
        return {}
    length = days(date)
    return {
        "year": date.start.year if date.start else None,
        "date_prec": next((code for most, code in _DATE_PREC if length <= most), None),
        "date_start": date.start.isoformat() if date.start else None,
        "date_end": date.end.isoformat() if date.end else None,
        "event_clarity": 1 if length == 1 else 2,
    }


def _where(event: Event) -> Row:
    place = event.place
    if place is None:
        return {}
    country = countries.load().get(place.country or "")
    told = (quoted(event.document, claim.where) for claim in event.claims)
    return {
        "where_prec": _WHERE_PREC.get(place.precision),
        "where_coordinates": place.name,
        "where_description": next((text for text in told if text), None),
        "adm_1": place.admin1,
        **_point(place),
        "country": country.ged_name if country else None,
        "country_id": country.gw if country else None,
        "region": country.ged_region if country else None,
    }


def _point(place: Place) -> Row:
    if place.lat is None or place.lon is None:
        return {}
    point = f"POINT ({place.lon} {place.lat})"
    return {"latitude": place.lat, "longitude": place.lon, "geom_wkt": point}


def _source(event: Event) -> Row:
    document = event.document
    office = next(iter(outlet(document)), None)
    titles = (document.meta.get(key) for key in ("headline", "title"))
    headline = next((title for title in titles if isinstance(title, str) and title), None)
    date = document.date.isoformat() if document.date else None
    return {
        "number_of_sources": 1,
        "source_article": ", ".join(part for part in (office, date, headline, document.id) if part),
        "source_office": office,
        "source_date": date,
        "source_headline": headline,
        "source_original": "; ".join(event.sources) or None,
    }


def _name(party: Party | None) -> str | None:
    """A state is named after its government, as GED does; others as `actors.tsv` or the article does."""
    country = countries.load().get(party.country or "") if party and party.is_state else None
    if country and country.ged_name:
        return f"Government of {country.ged_name}"
    return party.name if party else None


def _state(party: Party | None) -> Cell:
    country = countries.load().get(party.country or "") if party and party.is_state else None
    return country.gw if country else None
