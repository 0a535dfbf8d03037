"""Casualty records: numbers, day, place and parties of a claim, its flags, and the measure of claims."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_linking import SPANS, TEXTS, marked

from hasila.casualties import check_policy, records
from hasila.document import Casualty, Document, Span
from training import claims
from training.corpora import TrainingDocument
from training.gold import Claim, GoldDocument, GoldSpan

PUBLISHED = dt.date(2017, 3, 9)


def read(text: str, policy: str = "none") -> tuple[list[Span], list[Casualty]]:
    plain, spans, _ = marked(text)
    return spans, list(records(plain, spans, PUBLISHED, policy))


def test_a_whole_record() -> None:
    spans, (record,) = read(
        "قتل [KILLED 12 جنديا] من [ACTOR الجيش السوري] في [EVENT هجوم] شنه [ACTOR تنظيم داعش] على "
        "[FACILITY مطار عسكري] في [LOCATION دير الزور] [DATE أمس]."
    )
    assert (record.min, record.max, record.kind) == (12, 12, "exact")
    assert (record.text, record.label, record.span) == (spans[0].text, "KILLED", 0)
    assert record.date is not None
    assert record.date.start == record.date.end == dt.date(2017, 3, 8)
    assert record.place is not None
    assert record.place.country == "SY"
    assert record.of_actor
    assert record.by_actor
    assert record.of_actor != record.by_actor
    assert record.flags == ()


def test_a_facility_lies_in_the_place_beside_it() -> None:
    _, (record,) = read("في [LOCATION حلب] قتل [KILLED 3 مدنيين] بـ[EVENT قصف] استهدف [FACILITY مستشفى].")
    assert record.place is not None
    assert (record.place.country, record.place.precision == "facility") == ("SY", record.where == 3)


def test_a_policy_bounds_vague_counts_and_is_named() -> None:
    text = "قتل [KILLED عشرات المدنيين] في [LOCATION حلب]."
    _, (open_,) = read(text)
    _, (bounded,) = read(text, "acled")
    assert (open_.min, open_.policy) == (None, "none")
    assert (bounded.min, bounded.policy) == (10, "acled")
    assert replace(bounded, min=None, policy="none") == open_
    with pytest.raises(ValueError, match="unknown policy"):
        check_policy("guess")
    with pytest.raises(ValueError, match="unknown policy"):
        records("", [], None, "guess")


def test_a_part_larger_than_its_total_is_flagged_not_mended() -> None:
    _, (_, part) = read("قتل [KILLED 11 شخصا] بينهم [KILLED 40 طفلا] في [LOCATION صعدة].")
    assert part.part_of == 0
    assert "subset_larger" in part.flags
    assert (part.min, part.max) == (40, 40)


def test_what_cannot_be_read_is_null_and_flagged() -> None:
    _, (record,) = read("قتل [KILLED 3 مدنيين] في [LOCATION زغبلوطة القصوى] [DATE 31 شباط 2016].")
    assert (record.place, record.date) == (None, None)
    assert {"place_unknown", "date_unresolved"} <= set(record.flags)


def test_the_least_score_counts() -> None:
    plain, spans, _ = marked("قتل [KILLED 3 مدنيين] في [LOCATION حلب].")
    sure = records(plain, spans, None)[0].score
    unsure = records(plain, [replace(span, score=0.01) for span in spans], None)[0].score
    assert sure is not None
    assert 0.01 < sure <= 1
    assert unsure == 0.01


@given(text=TEXTS, drawn=st.lists(SPANS, max_size=8), published=st.none() | st.just(PUBLISHED))
@settings(max_examples=50)
def test_any_spans_become_records_that_survive_json(
    text: str, drawn: list[tuple[int, int, str]], published: dt.date | None
) -> None:
    spans = tuple(
        Span(min(a, b), max(a, b), label, text[min(a, b) : max(a, b)])
        for a, b, label in drawn
        if min(a, b) >= 0 and label != "OTHER"
    )
    document = Document("x", text, spans, records(text, spans, published))
    assert Document.from_json(document.to_json()) == document


# -- the measure -----------------------------------------------------------------------------------

CLAIM = Claim("exact", 3, 3, "asserted", "civilian", None, None, 1, None, None, None, unread=("event",))


def measured(record: Casualty | None, *, other: Claim = CLAIM) -> claims.Score:
    plain, spans, _ = marked("قتل [KILLED 3 مدنيين] في [LOCATION حلب] ثم في [LOCATION حلب] و[LOCATION إدلب].")
    gold = [GoldSpan(span.start, span.end, span.label) for span in spans]
    gold[0] = replace(gold[0], claim=other)
    truth = GoldDocument("x", "composed", "dev", "", tuple(gold))
    article = TrainingDocument("x", "dev", "composed", None, 0, plain, tuple(spans))
    return claims.score(truth, article, spans, [] if record is None else [record])


def right() -> Casualty:
    plain, spans, _ = marked("قتل [KILLED 3 مدنيين]")
    links = {"status": "asserted", "victim": "civilian", "where": 1, "event": None}
    base = Casualty(0, spans[0].start, spans[0].end, "KILLED", plain[4:], min=3, max=3, kind="exact")
    return replace(base, **links)  # type: ignore[arg-type]


def test_a_right_record_is_right_in_all() -> None:
    score = measured(right())
    assert [score.share(name) for name in claims.ATTRIBUTES] == [100.0] * 4
    assert score.tally("where").f1 == 100
    assert ["where", "100.0", "100.0", "100.0", "1"] in [
        row.split() for row in claims.table(score).split("\n")
    ]


@pytest.mark.parametrize(("target", "f1"), [(1, 100.0), (2, 100.0), (3, 0.0), (None, 0.0)])
def test_another_mention_of_the_place_is_right_another_place_is_not(target: int | None, f1: float) -> None:
    assert measured(replace(right(), where=target)).tally("where").f1 == f1


def test_a_missed_casualty_is_missed_in_all_and_a_surplus_one_costs_precision() -> None:
    missed = measured(None)
    assert (missed.casualties, missed.found, missed.right) == (1, 0, (0, 0, 0, 0))
    assert (missed.tally("where").gold, missed.tally("where").predicted) == (1, 0)
    surplus = measured(replace(right(), start=right().start + 1))
    assert (surplus.tally("where").gold, surplus.tally("where").predicted) == (1, 1)
    assert surplus.tally("where").right == 0


def test_what_nobody_annotated_counts_nowhere() -> None:
    assert measured(replace(right(), event=2)).tally("event").predicted == 0


def test_what_is_not_asserted_counts_by_its_status() -> None:
    denied = replace(CLAIM, status="negated")
    assert measured(replace(right(), status="negated"), other=denied).tally("not asserted").f1 == 100
    assert measured(replace(right(), status="historical"), other=denied).tally("not asserted").right == 0


def test_no_one_harmed_is_a_denial_whatever_the_linker_says() -> None:
    _, (record,) = read("نفى متحدث باسم [ACTOR الجيش] مقتل [KILLED أي جندي] في الهجوم.")
    assert (record.min, record.max) == (0, 0)
    assert record.status == "negated"
