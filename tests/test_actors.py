"""Names of armed parties resolve to the right identity, and to none where nothing decides."""

from __future__ import annotations

import datetime as dt
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasila.actors import load
from hasila.parties import key, read_actors

CASES = Path(__file__).parent / "cases" / "actors.tsv"
ANNOTATIONS = Path(__file__).parents[1] / "annotations"
SIDES = {
    "government",
    "pro_government",
    "opposition",
    "jihadist",
    "separatist",
    "rebel",
    "militia",
    "tribal",
    "kurdish",
    "foreign",
    "international",
    "iran_axis",
    "israel",
    "palestinian",
    "libya_east",
    "libya_west",
    "lebanon_right",
    "pro_syrian",
    "druze",
    "de_facto",
    "criminal",
}
KINDS = {
    "state_forces",
    "security",
    "police",
    "intelligence",
    "special_forces",
    "coalition",
    "peacekeepers",
    "rebel",
    "militia",
    "jihadist",
    "tribal",
    "private",
    "criminal",
}


def _cases() -> Iterator[list[str]]:
    lines = [line for line in CASES.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    for line in lines[1:]:
        yield line.split("\t")


def _day(text: str) -> dt.date | None:
    return dt.date.fromisoformat(text) if text else None


@pytest.mark.parametrize(("name", "date", "country", "context", "id"), list(_cases()))
def test_case(name: str, date: str, country: str, context: str, id: str) -> None:
    named = context.split("|") if context else []
    found = load().resolve(name, date=_day(date), country=country or None, context=named)
    assert found == (None if id == "-" else id)


def test_cases_name_known_parties() -> None:
    for *_, context, id in _cases():
        for each in (id, *context.split("|")):
            assert each in ("", "-") or load().get(each) is not None, each


def test_descriptions_point_back() -> None:
    names = ["تنظيم «داعش»", "الجيش العراقي", "التنظيم", "حركة حماس", "الحركة", "الجيش", "التنظيم"]
    assert load().resolve_all(names) == [
        "islamic-state",
        "iraq-armed-forces",
        "islamic-state",
        "hamas",
        "hamas",
        "iraq-armed-forces",
        "islamic-state",
    ]


def test_description_before_its_name_takes_the_later_one() -> None:
    assert load().resolve_all(["التنظيم", "تنظيم القاعدة في العراق"]) == ["al-qaida-in-iraq"] * 2


def test_the_country_of_the_article_supplies_bodies() -> None:
    names = ["الجيش", "الشرطة", "الميليشيات", "القوات الأمريكية"]
    assert load().resolve_all(names, dt.date(2016, 5, 1), ["YE", "SA"]) == [
        "yemen-government-forces",
        "ye-police",
        "houthi",
        "us-armed-forces",
    ]


def test_a_foreign_army_named_first_does_not_take_the_home_army() -> None:
    names = ["الجيش الأمريكي", "الجيش"]
    assert load().resolve_all(names, countries=["IQ"]) == ["us-armed-forces", "iraq-armed-forces"]


def test_without_a_date_the_parties_named_date_the_article() -> None:
    assert load().resolve_all(["إدارة العمليات العسكرية", "الجيش السوري"])[1] == "syria-government-forces"
    assert load().resolve_all(["سرايا أنصار السنة", "الجيش السوري"])[1] == "syria-transitional-forces"


def test_unknown_countries_are_no_parties() -> None:
    assert load().resolve_all(["الجيش", "الشرطة"], countries=["PG", "??"]) == [None, None]


def test_composed_parties_have_a_record() -> None:
    police = load().get("iq-police")
    assert police is not None
    assert (police.kind, police.countries, police.body) == ("police", ("IQ",), "police")
    navy = load().get("fr-navy")
    assert navy is not None
    assert navy.parent == "fr-armed-forces"
    assert load().get("zz-police") is None
    assert load().get("") is None


def test_every_case_id_can_be_looked_up() -> None:
    for name, *_ in _cases():
        found = load().resolve(name, country="SY")
        assert found is None or load().get(found) is not None


def test_table_is_sound() -> None:
    actors = list(load())
    assert len({actor.id for actor in actors}) == len(actors) >= 200
    for actor in actors:
        assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", actor.id), actor.id
        assert actor.side in SIDES, actor.id
        assert actor.kind in KINDS, actor.id
        assert all(re.fullmatch("[A-Z]{2}", country) for country in actor.countries), actor.id
        assert actor.parent is None or load().get(actor.parent), actor.id
        ordered = actor.valid_from is None or actor.valid_to is None or actor.valid_from <= actor.valid_to
        assert ordered, actor.id


def test_parents_make_no_cycle() -> None:
    for actor in load():
        chain, above = [actor.id], actor.parent
        while above is not None:
            assert above not in chain
            chain.append(above)
            parent = load().get(above)
            above = parent.parent if parent else None


def test_a_sure_spelling_names_one_party_of_a_country_at_a_time() -> None:
    bearers = defaultdict(list)
    for actor, spellings in read_actors({}):
        for spelling in spellings:
            if not spelling.startswith("?"):
                bearers[key(spelling)].append(actor)
    for spelling, actors in bearers.items():
        for index, actor in enumerate(actors):
            for other in actors[index + 1 :]:
                apart = actor.countries[:1] != other.countries[:1]
                assert actor is other or apart or not actor.fits(other.valid_from, other.valid_to), spelling


@given(st.lists(st.text(max_size=40), max_size=6), st.none() | st.dates(), st.lists(st.text(max_size=2)))
def test_never_throws(names: list[str], date: dt.date | None, countries: list[str]) -> None:
    found = load().resolve_all(names, date, countries)
    assert len(found) == len(names)
    assert all(id is None or load().get(id) is not None for id in found)


@given(
    st.sampled_from([case[0] for case in _cases()]), st.sampled_from(["و", "", "ـ", "\u200f", "«", "\u064e"])
)
def test_signs_and_clitics_change_nothing(name: str, sign: str) -> None:
    assert load().resolve(sign + name, country="SY") == load().resolve(name, country="SY")


def test_most_parties_of_the_gold_resolve() -> None:
    texts = ANNOTATIONS / "composed.jsonl"
    if not texts.exists():
        pytest.skip("annotations/composed.jsonl is not here")
    parts = dict(
        line.split("\t")[:2] for line in (ANNOTATIONS / "split.tsv").read_text("utf-8").split("\n") if line
    )
    total = known = 0
    for line in texts.read_text("utf-8").splitlines():
        article = json.loads(line)
        if parts[article["id"]] == "test":
            continue
        spans = [span for span in article["spans"] if span["label"] == "ACTOR"]
        names = [article["text"][span["start"] : span["end"]] for span in spans]
        found = load().resolve_all(names, _day(article["date"]))
        total, known = total + len(found), known + sum(id is not None for id in found)
    assert known >= 0.85 * total
