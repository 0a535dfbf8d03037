"""Cues are found where they stand, whole words, through clitics and endings."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hasila import cues
from hasila.arabic import words
from hasila.cues import find

TABLE = Path(cues.__file__).with_name("cues.tsv")
FAMILIES = {
    "victim": {"combatant", "civilian", "child", "woman", "unknown", "inherit"},
    "status": {"negated", "hypothetical", "historical"},
    "source": {"speech", "relay", "claim", "count", "according", "noun", "denial", "that"},
    "subset": {"among", "most", "all", "list", "besides", "total"},
    "by": {"hand", "means", "passive", "deed", "claim", "blame", "hold", "attack", "clash", "arm"},
    "of": {"member", "ranks", "leader", "belongs", "loss", "from", "target"},
    "where": {"in", "near", "side", "target", "path", "away"},
    "when": {"since", "during", "relative", "on", "until"},
    "update": {"rise", "new", "earlier", "reach", "toll", "died_later", "same", "definite"},
    "cause": {"by_event", "gives", "in_event", "with"},
    "outcome": {"killed", "injured", "detained", "missing", "displaced"},
}


def _rows() -> list[tuple[str, str, str]]:
    lines = [line for line in TABLE.read_text("utf-8").split("\n") if line and not line.startswith("#")]
    cells = [line.split("\t") for line in lines[1:]]
    assert all(len(row) == 4 for row in cells)
    return [(cue, family, value) for cue, family, value, _ in cells]


def _found(text: str, family: str) -> list[tuple[str, str]]:
    return [(text[cue.start : cue.end], cue.value) for cue in find(text, family)]


@pytest.mark.parametrize(
    ("text", "family", "expected"),
    [
        ("13 مقاتلا وجنديان", "victim", [("مقاتلا", "combatant"), ("وجنديان", "combatant")]),
        ("أربعة أطفال وثلاث نساء", "victim", [("أطفال", "child"), ("نساء", "woman")]),
        ("من المدنيين", "victim", [("المدنيين", "civilian")]),
        ("طفلتها الرضيعة", "victim", [("الرضيعة", "child")]),
        ("خمسة آخرين", "victim", [("آخرين", "inherit")]),
        ("من دون وقوع إصابات", "status", [("من دون", "negated")]),
        ("ولم يصب أحد بأذى", "status", [("ولم يصب", "negated"), ("بأذى", "negated")]),
        ("ويُخشى سقوط ضحايا", "status", [("ويُخشى", "hypothetical")]),
        ("في هجوم مماثل", "status", [("مماثل", "historical")]),
        ("أفاد مصدر أمني، ونقلت وكالة عنه", "source", None),
        ("نقلاً عن الوكالة", "source", [("نقلاً عن", "relay")]),
        ("وبحسب المرصد", "source", [("وبحسب", "according")]),
        ("لم تعلن أي جهة", "source", [("لم تعلن", "denial")]),
        ("20 قتيلا من بينهم طفل", "subset", [("من بينهم", "among")]),
        ("قتلوا على يد مسلحين", "by", [("قتلوا", "deed"), ("على يد", "hand")]),
        ("برصاص قوات الاحتلال", "by", [("برصاص", "means")]),
        ("غارات شنّها الحلف", "by", [("غارات", "attack"), ("شنّها", "deed")]),
        ("من عناصر التنظيم", "of", [("من عناصر", "member")]),
        ("بالقرب من مدينة", "where", [("بالقرب من", "near")]),
        ("ارتفعت الحصيلة إلى 30", "update", [("ارتفعت الحصيلة", "rise")]),
        ("القتلى، قتلى", "update", [("القتلى", "definite")]),
        ("مما أدى إلى مقتله", "cause", [("مما أدى إلى", "gives")]),
        ("كان الآن", "source", []),
    ],
)
def test_finds(text: str, family: str, expected: list[tuple[str, str]] | None) -> None:
    found = _found(text, family)
    if expected is None:
        assert [value for _, value in found] == ["speech", "noun", "relay"]
    else:
        assert found == expected


def test_offsets_are_of_the_untouched_text() -> None:
    text = "\ufeffقُتِـل \u200fطفـلٌ\r\nعلى\u00a0يدِ قناص"
    assert _found(text, "victim") == [("طفـلٌ", "child"), ("قناص", "combatant")]
    assert _found(text, "by")[-1][1] == "hand"


def test_unknown_family_raises() -> None:
    with pytest.raises(KeyError):
        find("قتل", "no such family")


def test_table_is_sound() -> None:
    values = defaultdict(set)
    for cue, family, value in _rows():
        assert value in FAMILIES[family], cue
        for variant in cue.split("|"):
            assert variant == " ".join(variant.split())
            assert all(len(word.rstrip("~*")) > 1 for word in variant.split()), variant
            values[family, variant].add(value)
    assert {family for family, _ in values} == set(FAMILIES)
    assert [key for key, meant in values.items() if len(meant) > 1] == []


def test_every_cue_of_the_table_is_found_in_its_own_words() -> None:
    for cue, family, value in _rows():
        for variant in cue.split("|"):
            text = variant.replace("~", "").replace("*", "")
            assert [(c.start, c.end, c.value) for c in find(text, family)] == [(0, len(text), value)], variant


@given(st.lists(st.sampled_from(["قتل", "من", "بينهم", "لم يصب", "طفل", "،", "\n", "\u200f", "x", "مدني"])))
def test_cues_are_whole_words_in_order(parts: list[str]) -> None:
    text = " ".join(parts)
    edges = words(text)
    starts, ends = {start for start, _ in edges}, {end for _, end in edges}
    for family in FAMILIES:
        last = 0
        for cue in find(text, family):
            assert cue.start in starts
            assert cue.end in ends
            assert last <= cue.start < cue.end
            last = cue.end


@given(st.text(max_size=200))
def test_never_throws(text: str) -> None:
    for family in FAMILIES:
        assert all(0 <= cue.start < cue.end <= len(text) for cue in find(text, family))
