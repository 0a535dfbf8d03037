"""Events out of claims: the worked examples of the docs, the rules one by one, and what must always hold.

The documents are built by hand: `article` finds each quote in the text and links surfaces to spans, so that
a case reads like the table in `docs/exports.md`.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasila import acled, actors, countries, dates, events, gazetteer, ged
from hasila.document import Casualty, Document, Interval, Place, Span
from hasila.labels import KINDS, STATUSES, VICTIMS

ROOT = Path(__file__).parents[1]
CASES = Path(__file__).parent / "cases"
LINKS = {
    "of": "ACTOR",
    "by": "ACTOR",
    "where": "LOCATION",
    "when": "DATE",
    "source": "ORG",
    "event": "EVENT",
    "weapon": "WEAPON",
}
Cells = dict[str, str]


def article(text: str, claims: list[Cells], published: dt.date | None, identity: str = "a") -> Document:
    """A document of claims told as cells: quotes in the order of the text, links by surface or number."""
    spans: list[Span] = []
    places: dict[tuple[str, str], int] = {}
    for name, label in LINKS.items():
        for surface in dict.fromkeys(cells[name] for cells in claims if cells.get(name)):
            places.setdefault((label, surface), len(spans))
            spans.append(_span(text, surface, label, 0))
    last = 0
    firsts = len(spans)
    for cells in claims:
        spans.append(_span(text, cells["quote"], cells["outcome"], last))
        last = spans[-1].end
    names = [span.text for span in spans if span.label == "ACTOR"]
    context = [span.text for span in spans if span.label == "LOCATION"]
    known = dict(zip(names, actors.load().resolve_all(names, published, _countries(context)), strict=True))
    records = []
    for number, (cells, span) in enumerate(zip(claims, spans[firsts:], strict=True)):
        links = {name: places[LINKS[name], cells[name]] for name in LINKS if cells.get(name)}
        links |= {n: firsts + int(cells[n]) - 1 for n in ("part_of", "same_as") if cells.get(n)}
        record = Casualty(
            span=firsts + number,
            start=span.start,
            end=span.end,
            label=span.label,
            text=span.text,
            min=int(cells["min"]) if cells.get("min") else None,
            max=int(cells["max"]) if cells.get("max") else None,
            kind=cells.get("kind") or "exact",
            status=cells.get("status") or "asserted",
            victim=cells.get("victim") or "unknown",
            of_actor=known.get(cells.get("of", "")),
            by_actor=known.get(cells.get("by", "")),
            place=gazetteer.load().resolve(cells["where"], context) if cells.get("where") else None,
            date=dates.resolve(cells["when"], published) if cells.get("when") else None,
            **links,
        )
        records.append(record)
    return Document(identity, text, tuple(spans), tuple(records), published)


def _span(text: str, surface: str, label: str, start: int) -> Span:
    found = re.compile(rf"(?<!\w){re.escape(surface)}(?!\w)").search(text, start)
    assert found, f"{surface!r} is not in the text"
    return Span(found.start(), found.end(), label, surface)


def _countries(names: list[str]) -> list[str]:
    found = (gazetteer.load().resolve(name, names) for name in names)
    return list(dict.fromkeys(place.country for place in found if place and place.country))


def told(row: dict[str, Any]) -> Cells:
    """What a row says, as a reader sees it: no empty cells."""
    return {name: str(cell) for name, cell in row.items() if cell is not None and name != "notes"}


# --- the worked examples of the docs


def _examples() -> list[list[str]]:
    page = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    return [section.split("\n") for section in page.split("\n### Example ")[1:]]


def _tables(lines: list[str]) -> list[list[list[str]]]:
    """The tables of a section, each a list of rows of cells."""
    tables: list[list[list[str]]] = []
    for before, line in zip(["", *lines], lines, strict=False):
        if line.startswith("|"):
            if not before.startswith("|"):
                tables.append([])
            if not line.startswith("|---"):
                tables[-1].append([cell.strip() for cell in line.strip("|").split("|")])
    return tables


def _expected(table: list[list[str]]) -> list[Cells]:
    """Rows out of a table that has a column a line: name, first row, second row."""
    columns = range(1, len(table[0]))
    return [{line[0].strip("`"): line[i] for line in table[1:] if line[i]} for i in columns]


@pytest.mark.parametrize("lines", _examples(), ids=lambda lines: lines[0][:1])
def test_the_docs_examples(lines: list[str]) -> None:
    identity, day = re.search(r"`(\w+)`, published (\S+)", lines[0]).groups()
    text = "\n".join(line[2:].strip() for line in lines if line.startswith("> "))
    claims, *expected = _tables(lines)
    cells = [dict(zip(claims[0], row, strict=True)) for row in claims[1:]]
    document = article(text, cells, dt.date.fromisoformat(day), identity)
    assert [told(row) for row in acled.rows(document)] == _expected(expected[0])
    assert [told(row) for row in ged.rows(document)] == _expected(expected[1])


def test_the_docs_have_three_examples() -> None:
    assert len(_examples()) == 3


# --- words, days and places in codes


def _cases(name: str) -> list[list[str]]:
    lines = (CASES / name).read_text(encoding="utf-8").split("\n")
    return [line.split("\t") for line in lines if line and not line.startswith("#")][1:]


def _event(**fields: Any) -> events.Event:
    empty = {"place": None, "date": None, "side_a": None, "side_b": None, "targets_civilians": False}
    return events.Event(document=Document("a", ""), **{**empty, "tolls": (), **fields})


@pytest.mark.parametrize("case", _cases("eventwords.tsv"), ids=lambda case: f"{case[0]} ({case[1]})")
def test_event_words_say_the_type(case: list[str]) -> None:
    words, target, *expected = case
    figures = events.tolls.Figures(1, 1, 1, 1)
    toll = events.Toll((), "KILLED", figures, words=tuple(words.split("|")) if words else ())
    event = _event(
        tolls=(toll,),
        side_b=events.Party("a party", kind="rebel") if target == "armed" else None,
        targets_civilians=target == "civilians",
    )
    assert acled.event_type(event) == tuple(None if cell == "-" else cell for cell in expected)


@pytest.mark.parametrize(
    ("start", "end", "day", "precision", "ged_precision"),
    [
        ("2020-03-18", "2020-03-18", "2020-03-18", 1, "1"),
        ("2020-03-17", "2020-03-18", "2020-03-17", 2, "2"),
        ("2020-03-07", "2020-03-13", "2020-03-10", 2, "3"),
        ("2020-03-01", "2020-03-10", "2020-03-01", 3, "4"),
        ("2020-03-11", "2020-03-20", "2020-03-15", 3, "4"),
        ("2020-02-21", "2020-02-29", "2020-02-29", 3, "4"),
        ("2020-02-01", "2020-02-29", "2020-02-15", 3, "4"),
        ("2019-01-01", "2019-12-31", None, None, "5"),
        ("2011-03-15", "2019-12-31", None, None, None),
        (None, "2019-12-31", None, None, None),
    ],
)
def test_days_and_their_precision(
    start: str | None, end: str, day: str | None, precision: int | None, ged_precision: str | None
) -> None:
    date = Interval(dt.date.fromisoformat(start) if start else None, dt.date.fromisoformat(end), "x")
    found, code = acled.event_day(date)
    assert (found and found.isoformat(), code) == (day, precision)
    row = ged.rows(_single(date=date))[0]
    assert told(row).get("date_prec") == ged_precision
    assert row["date_start"] == start


def test_a_country_is_no_location_for_acled() -> None:
    place = Place("سوريا", "x", 35.0, 38.0, None, "SY", "country")
    row = acled.rows(_single(place=place))[0]
    assert (row["country"], row["iso"], row["location"], row["latitude"]) == ("Syria", 760, None, None)
    assert ged.rows(_single(place=place))[0]["where_prec"] == 6


def test_countries_are_one_row_each() -> None:
    table = countries.load()
    assert (table["SY"].iso, table["SY"].gw, table["SY"].acled_region) == (760, 652, "Middle East")
    assert table["PS"].gw is None
    isos = [country.iso for country in table.values() if country.iso]
    states = [country.gw for country in table.values() if country.gw]
    assert len(set(isos)) == len(isos)
    assert len(set(states)) == len(states)


def _single(**fields: Any) -> Document:
    """A document with one asserted claim of one killed person."""
    claim = Casualty(span=0, start=0, end=4, label="KILLED", text="قتيل", kind="exact", status="asserted")
    fields = {"min": 1, "max": 1, **fields}
    values = {name: getattr(claim, name) for name in Casualty.__slots__}
    return Document("a", "قتيل", (Span(0, 4, "KILLED", "قتيل"),), (Casualty(**{**values, **fields}),))


# --- which claims count, and how

HERE = "قتل 9 و4 و5 و7 و2 في قصف على حلب أمس شنه الجيش التركي وداعش والبيشمركة بحسب الشرطة والوزارة"
QUOTES = ("9", "و4", "و5", "و7", "و2")


def _doc(*claims: Cells) -> Document:
    """Up to five claims, whose quotes are numbers of one line; their bounds are the number unless told."""
    cells = []
    for quote, claim in zip(QUOTES, claims, strict=False):
        number = quote.lstrip("و")
        base = {"outcome": "KILLED", "quote": quote, "min": number, "max": number}
        place = {"where": "حلب", "when": "أمس", "event": "قصف"}
        cells.append({**base, **place, **claim})
    return article(HERE, cells, dt.date(2016, 5, 14))


def _dead(document: Document) -> list[Any]:
    return [row["fatalities"] for row in acled.rows(document)]


@pytest.mark.parametrize("status", ["negated", "hypothetical", "historical"])
def test_only_asserted_claims_make_rows(status: str) -> None:
    assert acled.rows(_doc({"status": status})) == ged.rows(_doc({"status": status})) == []


@pytest.mark.parametrize("outcome", ["INJURED", "CASUALTY"])
def test_the_injured_are_no_fatalities(outcome: str) -> None:
    document = _doc({"outcome": outcome})
    assert _dead(document) == [0]
    assert ged.rows(document) == []


@pytest.mark.parametrize("outcome", ["DETAINED", "MISSING", "DISPLACED"])
def test_other_outcomes_make_no_rows(outcome: str) -> None:
    assert acled.rows(_doc({"outcome": outcome})) == []


def test_a_part_is_not_counted_beside_its_total() -> None:
    assert _dead(_doc({}, {"part_of": "1", "victim": "child"})) == [9]


def test_a_part_of_what_is_no_death_toll_counts() -> None:
    assert _dead(_doc({"outcome": "CASUALTY"}, {"part_of": "1"})) == [4]
    assert _dead(_doc({"status": "historical"}, {"part_of": "1"})) == [4]


def test_parts_that_add_up_stand_for_their_total() -> None:
    document = _doc(
        {}, {"part_of": "1", "victim": "civilian"}, {"part_of": "1", "of": "وداعش", "by": "الجيش التركي"}
    )
    assert _dead(document) == [9]
    row = ged.rows(document)[0]
    assert (row["deaths_b"], row["deaths_civilians"], row["deaths_unknown"]) == (5, 4, 0)


def test_parts_that_do_not_add_up_only_share_the_total() -> None:
    row = ged.rows(_doc({}, {"part_of": "1", "victim": "civilian"}))[0]
    assert (row["deaths_civilians"], row["deaths_unknown"], row["best"]) == (4, 5, 9)


def test_parts_larger_than_their_total_are_not_believed() -> None:
    row = ged.rows(_doc({"min": "3", "max": "3"}, {"part_of": "1", "victim": "civilian"}))[0]
    assert (row["deaths_civilians"], row["deaths_unknown"], row["best"]) == (0, 3, 3)


def test_a_toll_told_again_counts_once_at_its_highest() -> None:
    document = _doc({}, {"same_as": "1", "min": "12", "max": "12"})
    assert _dead(document) == [12]
    row = ged.rows(document)[0]
    assert (row["low"], row["best"], row["high"]) == (12, 12, 12)


def test_named_sources_that_differ_bound_the_toll() -> None:
    document = _doc({"source": "الشرطة"}, {"source": "والوزارة", "same_as": "1"})
    assert _dead(document) == [4]
    row = ged.rows(document)[0]
    assert (row["low"], row["best"], row["high"]) == (4, 9, 9)


@pytest.mark.parametrize(
    ("second", "high"),
    [
        ({"kind": "at_least", "max": ""}, 9),
        ({"kind": "at_least", "min": "10", "max": ""}, None),
        ({"kind": "vague", "min": "", "max": ""}, None),
    ],
)
def test_the_highest_figure_is_known_unless_an_open_one_may_lie_above(
    second: Cells, high: int | None
) -> None:
    document = _doc({"source": "الشرطة"}, {"source": "والوزارة", "same_as": "1", **second})
    assert ged.rows(document)[0]["high"] == high


def test_a_retelling_lends_what_the_first_claim_lacks() -> None:
    document = _doc({"where": "", "when": "", "by": ""}, {"same_as": "1", "by": "الجيش التركي"})
    row = acled.rows(document)[0]
    assert (row["location"], row["event_date"], row["actor1"]) == (
        "حلب",
        "2016-05-13",
        actors.load().get("turkish-forces").name,
    )


@pytest.mark.parametrize(
    ("quote", "kind", "bounds", "expected"),
    [
        ("عشرات القتلى", "vague", ("", ""), (10, 1, None, None)),
        ("مئات الأشخاص", "vague", ("", ""), (100, 1, None, None)),
        ("دزينة", "vague", ("", ""), (12, 1, None, None)),
        ("آلاف", "vague", ("", ""), (1000, 1, None, None)),
        ("عدد من المدنيين", "vague", ("", ""), (3, 1, None, None)),
        ("قتلى", "plural", ("", ""), (3, 1, None, None)),
        ("عشرات القتلى", "vague", ("10", ""), (10, 10, None, None)),
        ("أكثر من ألف", "more_than", ("1001", ""), (1001, 1001, 1001, None)),
        ("بين 20 و30", "range", ("20", "30"), (20, 20, 20, 30)),
        ("نحو 30", "about", ("30", "30"), (30, 30, 30, 30)),
        ("حتى 30", "at_most", ("", "30"), (3, 1, None, 30)),
        ("حتى 2", "at_most", ("", "2"), (2, 1, None, 2)),
    ],
)
def test_numbers_by_the_rules_of_the_codebooks(
    quote: str, kind: str, bounds: tuple[str, str], expected: tuple[int | None, ...]
) -> None:
    cells = {"outcome": "KILLED", "quote": quote, "kind": kind, "min": bounds[0], "max": bounds[1]}
    document = article(f"سقط {quote} هناك", [cells], None)
    row = ged.rows(document)[0]
    assert (acled.rows(document)[0]["fatalities"], row["low"], row["best"], row["high"]) == expected


def test_a_battle_that_kills_on_both_sides_is_one_row() -> None:
    document = _doc({"of": "الجيش التركي"}, {"of": "وداعش"}, {"victim": "civilian"})
    rows = acled.rows(document)
    assert [row["fatalities"] for row in rows] == [18]
    row = ged.rows(document)[0]
    assert (row["side_a"], row["type_of_violence"]) == ("Government of Turkey", 1)
    assert (row["deaths_a"], row["deaths_b"], row["deaths_civilians"]) == (9, 4, 5)


def test_three_parties_are_three_pairs() -> None:
    document = _doc(
        {"by": "الجيش التركي", "of": "وداعش"}, {"by": "وداعش", "of": "والبيشمركة"}, {"by": "الجيش التركي"}
    )
    assert _dead(document) == [14, 4]


def test_an_unnamed_side_joins_the_only_pair_unless_the_cause_differs() -> None:
    known = {"by": "الجيش التركي", "victim": "civilian"}
    assert _dead(_doc(known, {})) == [13]
    assert _dead(_doc(known, {"event": ""})) == [13]
    assert _dead(_doc({**known, "event": ""}, {"event": "شنه"})) == [13]
    assert _dead(_doc(known, {"event": "شنه"})) == [9, 4]
    assert _dead(_doc(known, {"when": ""})) == [9, 4]


def test_a_bare_plural_yields_to_a_number() -> None:
    document = _doc({"kind": "plural", "min": "", "max": ""}, {"same_as": "1", "min": "2", "max": "2"})
    assert _dead(document) == [2]
    assert ged.rows(document)[0]["best"] == 2


def test_nobody_killed_is_no_deadly_event() -> None:
    document = _doc({"min": "0", "max": "0"})
    assert _dead(document) == [0]
    assert ged.rows(document) == []


@pytest.mark.parametrize("battle", [True, False])
def test_civilians_are_no_side_of_a_battle(battle: bool) -> None:
    event = "اشتباكات" if battle else "قصف"
    claims = [
        {"by": "داعش", "victim": "civilian", "where": "حلب"},
        {"by": "داعش", "of": "البيشمركة", "where": "الرقة"},
        {"victim": "child", "where": "الرقة"},
    ]
    cells = [
        {"outcome": "KILLED", "quote": str(n), "min": "1", "max": "1", "event": event, **claim}
        for n, claim in enumerate(claims, 1)
    ]
    rows = acled.rows(article(f"{event} داعش البيشمركة حلب الرقة: 1 ثم 2 ثم 3", cells, None))
    named = [(row["actor2"], row["assoc_actor_2"], row["civilian_targeting"]) for row in rows]
    if battle:
        assert named == [(None, None, None), ("Peshmerga", None, None)]
    else:
        civilians = "Civilians (Syria)"
        assert named == [(civilians, None, "Civilians targeted"), ("Peshmerga", civilians, None)]


def test_articles_are_never_summed() -> None:
    document = _doc({"by": "الجيش التركي", "victim": "civilian"})
    out = io.StringIO()
    assert acled.write([document, document], out) == 2
    rows = list(csv.DictReader(io.StringIO(out.getvalue().removeprefix("\ufeff"))))
    assert [row["fatalities"] for row in rows] == ["9", "9"]
    assert tuple(rows[0]) == acled.COLUMNS
    assert rows[0]["notes"].startswith("a #1: قتل 9")


def test_the_columns_are_those_of_the_codebooks() -> None:
    assert len(acled.COLUMNS) == len(set(acled.COLUMNS)) == 31
    assert len(ged.COLUMNS) == len(set(ged.COLUMNS)) == 49


def test_references_in_a_ring_count_each_toll_once() -> None:
    assert _dead(_doc({"same_as": "2"}, {"same_as": "1"})) == [9]
    assert _dead(_doc({"part_of": "2"}, {"part_of": "1"})) == [4]
    assert _dead(_doc({"part_of": "1"})) == [9]


def test_interactions_are_named_in_the_order_of_the_codebook() -> None:
    assert acled.interaction("Civilians", "External/Other forces") == "External/Other forces-Civilians"
    assert acled.interaction("Rebel group", "State forces") == "State forces-Rebel group"
    assert acled.interaction("Rebel group", None) is None
    army = events.Party("an army", kind="state_forces", country="TR")
    assert [acled.inter(army, home) for home in ("TR", "SY", None)] == [
        "State forces",
        "External/Other forces",
        None,
    ]


# --- what must hold for any claims

_PARTIES = st.sampled_from([None, "islamic-state", "turkish-forces", "peshmerga", "no-such-party"])
_DAYS = st.one_of(st.none(), st.dates(dt.date(2014, 1, 1), dt.date(2014, 1, 3)))
_PLACE = Place("حلب", "g", 36.2, 37.16, "حلب", "SY", "town")
_LABELS = ("KILLED", "KILLED", "INJURED", "CASUALTY", "DETAINED")


@st.composite
def documents(draw: st.DrawFn) -> Document:
    size = draw(st.integers(0, 6))
    text = "قتيل وقصف " * (size + 1)
    spans = [Span(5, 9, "EVENT", "وقصف")]
    spans += [Span(10 * i, 10 * i + 4, draw(st.sampled_from(_LABELS)), "قتيل") for i in range(size)]
    link = st.one_of(st.none(), st.integers(0, size))
    claims = []
    for index in range(1, size + 1):
        low = draw(st.one_of(st.none(), st.integers(0, 50)))
        high = draw(st.one_of(st.none(), st.integers(low or 0, 60)))
        day = draw(_DAYS)
        claims.append(
            Casualty(
                span=index,
                start=spans[index].start,
                end=spans[index].end,
                label=spans[index].label,
                text=spans[index].text,
                min=low,
                max=high,
                kind=draw(st.sampled_from(KINDS)),
                status=draw(st.sampled_from(("asserted", *STATUSES))),
                victim=draw(st.sampled_from(VICTIMS)),
                by_actor=draw(_PARTIES),
                of_actor=draw(_PARTIES),
                part_of=draw(link),
                same_as=draw(link),
                event=draw(st.sampled_from([None, 0])),
                place=draw(st.sampled_from([None, _PLACE])),
                date=day and Interval(day, day, "day"),
            )
        )
    return Document("a", text, tuple(spans), tuple(claims))


@given(documents())
def test_no_claim_counts_twice_and_numbers_agree(document: Document) -> None:
    found = events.read(document)
    counted = [claim.span for event in found for claim in event.claims]
    assert len(counted) == len(set(counted))
    keys = count()
    scenes = {
        (event.place, event.date, event.side_a, event.side_b, event.targets_civilians)
        if event.side_b or event.targets_civilians
        else next(keys)
        for event in found
    }
    assert len(scenes) == len(found)
    for row in acled.rows(document):
        assert tuple(row) == acled.COLUMNS
        assert row["fatalities"] >= 0
    for row in ged.rows(document):
        assert tuple(row) == ged.COLUMNS
        sides = [row[name] for name in ("deaths_a", "deaths_b", "deaths_civilians", "deaths_unknown")]
        if None not in (row["best"], *sides):
            assert sum(sides) == row["best"]
        bounds = [row[name] for name in ("low", "best", "high") if row[name] is not None]
        assert bounds == sorted(bounds)
