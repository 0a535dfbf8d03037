"""Links of casualty spans: plain sentences, tolls told again, rings, and spans that make no sense."""

from __future__ import annotations

import csv
import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hasila import features, linker, linking
from hasila.article import CUE_GROUPS, read
from hasila.document import Span
from hasila.evidence import EVIDENCE
from hasila.labels import LABELS, LINK_TARGETS, LINKS, STATUSES, VICTIMS, is_casualty
from hasila.linking import Links, link
from hasila.pairs import Scene

CASES = Path(__file__).parent / "cases" / "links.tsv"
MARK = re.compile(r"\[(\*?)([A-Z]+) ([^\]]+)\]")


def marked(text: str) -> tuple[str, list[Span], int]:
    """Text with `[LABEL words]` marks: the plain text, its spans, and which of them has the star."""
    plain, spans, starred, at = "", [], 0, 0
    for found in MARK.finditer(text):
        plain += text[at : found.start()]
        start, at = len(plain), found.end()
        plain += found[3]
        starred = len(spans) if found[1] else starred
        spans.append(Span(start, len(plain), found[2], found[3]))
    return plain + text[at:], spans, starred


def cases() -> list[tuple[str, str]]:
    with CASES.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader((line for line in lines if line[0] != "#"), delimiter="\t")
        return [(row["text"], row["expected"]) for row in rows]


def shown(links: Links, spans: list[Span], field: str) -> str:
    value = getattr(links, field)
    if field not in LINKS:
        return str(value)
    return "-" if value is None else spans[value].text


@pytest.mark.parametrize(("text", "expected"), cases())
def test_plain_sentences(text: str, expected: str) -> None:
    plain, spans, starred = marked(text)
    links = next(links for links in link(plain, spans) if links.span == starred)
    wanted = dict(re.findall(r"(\w+)=(.+?)(?= \w+=|$)", expected))
    assert {field: shown(links, spans, field) for field in wanted} == wanted


def test_evidence_points_into_the_text_at_its_cue() -> None:
    plain, spans, _ = marked(
        "أعلن [ORG المرصد] مقتل [KILLED 5 مدنيين] بينهم [*KILLED طفل] في [LOCATION حلب]."
    )
    _, child = link(plain, spans)
    name, start, end = child.evidence["part_of"]
    assert (name, plain[start:end]) == ("among", "بينهم")
    assert set(child.evidence) == {"status", "victim", *(n for n in LINKS if getattr(child, n) is not None)}


def test_every_cue_of_the_evidence_is_a_group() -> None:
    assert set(EVIDENCE) == {*LINKS, *STATUSES, *VICTIMS}
    assert {cue for row in EVIDENCE.values() for cue in row} <= set(CUE_GROUPS)


def decision(**targets: int) -> linker.Decision:
    return linker.Decision(targets, dict.fromkeys(targets, 0.5), "asserted", "unknown", 0.5)


def test_same_as_leads_to_the_first_claim() -> None:
    decided = {1: decision(), 3: decision(same_as=1), 5: decision(same_as=3), 8: decision(same_as=5)}
    linking._root(decided)
    assert [each.targets.get("same_as") for each in decided.values()] == [None, 1, 1, 1]


def test_rings_of_parts_are_broken_once() -> None:
    decided = {0: decision(part_of=1), 1: decision(part_of=2), 2: decision(part_of=0), 3: decision(part_of=0)}
    cut = linking._without_cycles(decided)
    assert len(cut) == 1
    assert sum("part_of" in each.targets for each in decided.values()) == 3
    assert not linking._without_cycles(decided)


def test_the_features_of_a_sum_are_seen() -> None:
    plain, spans, _ = marked("[KILLED 10 أشخاص]: [KILLED 4 رجال] [KILLED 3 نساء] [KILLED 3 أطفال].")
    scene = Scene.of(read(plain, spans, linking.count(plain, spans)))
    assert scene.added.tolist() == [4, 8, 12]  # parts 1, 2, 3 of total 0, of four casualties


def test_keys_depend_on_the_columns_of_their_template_only() -> None:
    one = {"a": np.array([1, 2]), "b": np.array([3, 3]), "bag0": np.array([0, 9])}
    other = one | {"b": np.array([4, 3])}
    templates = (("a",), ("a", "b"))
    first, second = (features.keys(columns, templates, (("bag", 1),), 7) for columns in (one, other))
    assert first.shape == (2, 3)
    assert (first != second).tolist() == [[False, True, False], [False, False, False]]
    assert first[0, 2] == features.PAD != first[1, 2]


def test_the_weights_are_small_and_leave_no_trace_of_what_is_not_there() -> None:
    model = linker.weights()
    assert model.features.shape[0] == 1 << features.BITS
    assert not model.features[features.PAD].any()
    path = Path(linking.__file__).with_name("linker.npz")
    assert path.stat().st_size < 1_000_000


SPANS = st.tuples(st.integers(-3, 70), st.integers(-3, 70), st.sampled_from([*LABELS, "OTHER"]))
TEXTS = st.lists(
    st.sampled_from(
        ["قتل", "ثلاثة", "جنود", "بينهم", "طفل", "من", "الجيش", "في", "حلب", "،", ".", "\n", "٣", "x", "ـَ"]
    ),
    max_size=20,
).map(" ".join)


@given(text=TEXTS, drawn=st.lists(SPANS, max_size=12))
@settings(max_examples=80)
def test_any_spans_are_linked_within_the_rules(text: str, drawn: list[tuple[int, int, str]]) -> None:
    spans = [Span(a, b, label, text[max(a, 0) : max(b, 0)]) for a, b, label in drawn]
    found = link(text, spans)
    assert [links.span for links in found] == [n for n, span in enumerate(spans) if is_casualty(span.label)]
    for links in found:
        assert links.status in STATUSES
        assert links.victim in VICTIMS
        assert 0 <= links.score <= 1
        for name in LINKS:
            target = getattr(links, name)
            assert target is None or (target != links.span and spans[target].label in LINK_TARGETS[name])
        if links.same_as is not None:
            assert next(o for o in found if o.span == links.same_as).same_as is None


@given(text=TEXTS)
@settings(max_examples=20)
def test_links_do_not_depend_on_the_order_of_the_spans(text: str) -> None:
    plain, spans, _ = marked("[ACTOR الجيش] قتل [KILLED 3 مسلحين] و[KILLED طفلا] في [LOCATION حلب]. " + text)
    turned = spans[::-1]
    size = len(spans) - 1
    for links in link(plain, spans):
        again = next(o for o in link(plain, turned) if o.span == size - links.span)
        for name in LINKS:
            target = getattr(links, name)
            assert getattr(again, name) == (None if target is None else size - target)
