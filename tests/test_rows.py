"""Claims as rows: CSV as a spreadsheet opens it, GeoJSON as RFC 7946 has it."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasila.document import Casualty, Document, Interval, Place, Span
from hasila.rows import COLUMNS, Sentences, guarded, named, rows, write_csv, write_geojson, write_table

TEXT = "في حلب، قتل 5 مدنيين أمس.\nوأصيب 3 آخرون."
SPANS = (
    Span(3, 6, "LOCATION", "حلب"),
    Span(12, 20, "KILLED", "5 مدنيين", 0.9),
    Span(21, 24, "DATE", "أمس"),
    Span(32, 39, "INJURED", "3 آخرون"),
)
ALEPPO = Place("حلب", "g170063", 36.2, 37.16, "حلب", "SY", "town")
DAY = Interval(dt.date(2016, 5, 13), dt.date(2016, 5, 13), "day")
KILLED = Casualty(
    *(1, 12, 20, "KILLED", "5 مدنيين", 0.87654),
    min=5,
    max=5,
    kind="exact",
    status="asserted",
    victim="civilian",
    where=0,
    when=2,
    date=DAY,
    place=ALEPPO,
    flags=("one", "two"),
)
INJURED = Casualty(3, 32, 39, "INJURED", "3 آخرون", min=3, max=3, kind="exact", part_of=1, same_as=1)


def _document(**fields: Any) -> Document:
    base = {"id": "a1", "text": TEXT, "spans": SPANS, "casualties": (KILLED, INJURED)}
    return Document(**{**base, "date": dt.date(2016, 5, 14), "date_from": "given", "model": "m@1", **fields})


def _written(documents: Iterable[Document]) -> str:
    out = io.StringIO(newline="")
    write_csv(documents, out)
    return out.getvalue()


def _read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


def test_a_claim_is_one_flat_row() -> None:
    first, second = rows(_document())
    assert {name: cell for name, cell in first.items() if cell is not None} == {
        "document": "a1",
        "published": "2016-05-14",
        "date_from": "given",
        "model": "m@1",
        "claim": 1,
        "outcome": "KILLED",
        "quote": "5 مدنيين",
        "start": 12,
        "end": 20,
        "score": 0.8765,
        "min": 5,
        "max": 5,
        "kind": "exact",
        "policy": "none",
        "status": "asserted",
        "victim": "civilian",
        "where": "حلب",
        "place_name": "حلب",
        "place_id": "g170063",
        "lat": 36.2,
        "lon": 37.16,
        "admin1": "حلب",
        "country": "SY",
        "place_precision": "town",
        "when": "أمس",
        "date_start": "2016-05-13",
        "date_end": "2016-05-13",
        "date_precision": "day",
        "flags": "one;two",
        "sentence": "في حلب، قتل 5 مدنيين أمس.",
    }
    assert tuple(first) == tuple(second) == COLUMNS
    assert (second["claim"], second["part_of"], second["same_as"]) == (2, 1, 1)
    assert (second["sentence"], second["score"], second["flags"]) == ("وأصيب 3 آخرون.", None, None)


def test_csv_has_a_mark_crlf_and_empty_cells() -> None:
    text = _written([_document()])
    assert text.startswith("\ufeffdocument,published,")
    assert text.count("\r\n") == 3
    assert not text.replace("\r\n", "").count("\n")
    second = _read(text)[1]
    assert (second["score"], second["by"], second["lat"], second["part_of"]) == ("", "", "", "1")


def test_csv_has_all_fields_of_all_documents() -> None:
    documents = [
        _document(meta={"outlet": "وكالة", "source": "x", "n": 3}),
        _document(meta={"url": "https://e.org", "tags": ["a", "ب"], "ok": True, "none": None}),
    ]
    text = _written(iter(documents))
    header = text.removeprefix("\ufeff").split("\r\n")[0].split(",")
    assert header[len(COLUMNS) :] == ["outlet", "meta_source", "n", "url", "tags", "ok", "none"]
    table = _read(text)
    assert [row["outlet"] for row in table] == ["وكالة", "وكالة", "", ""]
    assert [row["meta_source"] for row in table] == ["x", "x", "", ""]
    assert (table[0]["n"], table[2]["tags"], table[2]["ok"]) == ("3", '["a", "ب"]', "true")


def test_names_of_fields_never_clash() -> None:
    names = named(["source", "meta_source", "event", "url"])
    assert names == {
        "source": "meta_source",
        "meta_source": "meta_meta_source",
        "event": "meta_event",
        "url": "url",
    }


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "\nx", "＝1", "＠x"])
def test_no_string_runs_as_a_formula(cell: str) -> None:
    text = _written([_document(meta={"note": cell, cell: "x"}, id=cell)])
    row = next(iter(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"), newline=""))))
    assert row["document"] == row["note"] == "'" + cell
    assert row["'" + cell] == "x"


def test_numbers_stay_numbers() -> None:
    assert [guarded(cell) for cell in (-1, -0.5, None, "x-1", "")] == [-1, -0.5, None, "x-1", ""]
    place = Place("x", None, -33.9, -70.7, None, "CL", "town")
    row = _read(_written([_document(casualties=(Casualty(1, 12, 20, "KILLED", "5", place=place),))]))[0]
    assert (row["lat"], row["lon"]) == ("-33.9", "-70.7")


def test_tables_without_rows_have_their_header() -> None:
    out = io.StringIO()
    assert write_table(["a"], [], out) == 0
    assert out.getvalue() == "\ufeffa\r\n"
    assert _read(_written([])) == []


@pytest.mark.parametrize(
    ("text", "quote", "sentence"),
    [
        ("قتل 5. وأصيب 3.", "3", "وأصيب 3."),
        ("قتل 1.5 مليون شخص. نعم", "1.5", "قتل 1.5 مليون شخص."),
        ("قال د. سامي إن 7 قتلوا! نعم", "7", "قال د. سامي إن 7 قتلوا!"),
        ("عنوان\nقتل 7", "7", "قتل 7"),
        ("هل قتل 7؟ نعم", "7", "هل قتل 7؟"),
        ("«قتل 7.» ثم 8", "8", "ثم 8"),
        ("قتل 7. و8 معا. نعم", "7. و8", "قتل 7. و8 معا."),
        ("7", "7", "7"),
    ],
)
def test_the_sentence_of_a_claim(text: str, quote: str, sentence: str) -> None:
    start = text.index(quote)
    assert Sentences(text).around(start, start + len(quote)) == sentence


def test_geojson_has_what_can_be_placed() -> None:
    out = io.StringIO()
    assert write_geojson([_document(meta={"lat": "x", "list": [1]}), _document(id="a2")], out) == 2
    collection = json.loads(out.getvalue())
    assert set(collection) == {"type", "features"}
    assert [feature["id"] for feature in collection["features"]] == ["a1#1", "a2#1"]
    feature = collection["features"][0]
    assert feature["type"] == "Feature"
    # Longitude first.
    assert feature["geometry"] == {"type": "Point", "coordinates": [37.16, 36.2]}
    assert feature["properties"]["meta_lat"] == "x"
    assert feature["properties"]["list"] == [1]
    assert feature["properties"]["by"] is None
    assert tuple(feature["properties"])[: len(COLUMNS)] == COLUMNS


def test_geojson_of_nothing_is_a_collection() -> None:
    out = io.StringIO()
    assert write_geojson([], out) == 0
    assert json.loads(out.getvalue()) == {"type": "FeatureCollection", "features": []}


def test_files_can_be_written_whatever_the_text(tmp_path: Path) -> None:
    document = _document(meta={"odd": "\ud800", "nan": float("nan"), "deep": {"inf": [float("-inf")]}})
    path = tmp_path / "claims"
    with path.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as out:
        write_csv([document], out)
    assert path.read_bytes().startswith(b"\xef\xbb\xbfdocument")
    assert b"\r\n" in path.read_bytes()
    assert b"\r\r" not in path.read_bytes()
    with path.open("w", encoding="utf-8", newline="\n") as out:
        write_geojson([document], out)
    properties = json.loads(path.read_text(encoding="utf-8"))["features"][0]["properties"]
    assert (properties["odd"], properties["nan"], properties["deep"]) == ("\ud800", "nan", {"inf": ["-inf"]})


_SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=8))
_META = st.dictionaries(st.text(max_size=8), st.one_of(_SCALARS, st.lists(_SCALARS, max_size=2)), max_size=4)


@given(st.lists(_META, max_size=3), st.text(max_size=30))
def test_every_row_is_as_wide_as_the_header_and_runs_nothing(metas: list[Any], text: str) -> None:
    spans = (Span(0, len(text), "KILLED", text),)
    claims = (Casualty(0, 0, len(text), "KILLED", text, place=ALEPPO),)
    made = [Document(str(i), text, spans, claims, meta=meta) for i, meta in enumerate(metas)]
    table = list(csv.reader(io.StringIO(_written(made).removeprefix("\ufeff"), newline="")))
    assert len({len(row) for row in table}) == 1
    assert len(table) == len(made) + 1
    numbers = {name for meta in metas for name, value in meta.items() if isinstance(value, int | float)}
    for row in table[1:]:
        for name, cell in zip(table[0], row, strict=True):
            if name.removeprefix("meta_") not in numbers:
                assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    out = io.StringIO()
    assert write_geojson(made, out) == 0
    assert len(json.loads(out.getvalue())["features"]) == len(made)


@given(st.text(alphabet="اب .\n؟1د»", max_size=40), st.data())
def test_a_sentence_holds_its_quote(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    assert text[start:end].strip() in Sentences(text).around(start, end)
