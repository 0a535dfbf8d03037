"""Gold onto words and pieces: nothing is lost in silence, and decoding gives the gold back."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from hasila.arabic import words
from hasila.decode import groups
from hasila.document import Span
from hasila.labels import LABELS, TAG_IDS, TAGS
from hasila.windows import Pieces, encode
from training.align import IGNORED, align, with_word_edges, word_tags

TEXT = "قتل ثلاثة مدنيين في حلب"


def span(words_: str, label: str, text: str = TEXT) -> Span:
    start = text.index(words_)
    return Span(start, start + len(words_), label, words_)


def names(labels: tuple[int, ...] | list[int]) -> list[str]:
    return ["-" if label == IGNORED else TAGS[label] for label in labels]


def test_words_take_the_tag_of_the_span_that_covers_them() -> None:
    tags, lost = word_tags(words(TEXT), [span("ثلاثة مدنيين", "KILLED"), span("حلب", "LOCATION")])
    assert names(tags) == ["O", "B-KILLED", "I-KILLED", "O", "B-LOCATION"]
    assert lost == []


def test_neighbours_of_one_label_begin_anew() -> None:
    tags, _ = word_tags(words(TEXT), [span("ثلاثة", "KILLED"), span("مدنيين", "KILLED")])
    assert names(tags)[1:3] == ["B-KILLED", "B-KILLED"]


@pytest.mark.parametrize("offsets", [(5, 16), (4, 15), (3, 16), (4, 17), (4, 4)])
def test_spans_off_the_word_edges_are_given_back(offsets: tuple[int, int]) -> None:
    crooked = Span(*offsets, "KILLED", "")
    tags, lost = word_tags(words(TEXT), [crooked])
    assert lost == [crooked]
    assert set(tags) == {0}


def test_gold_survives_words_and_pieces(either_tokenizer: Tokenizer, composed: list[dict[str, Any]]) -> None:
    for document in composed[:15]:
        gold = [
            Span(s["start"], s["end"], s["label"], document["text"][s["start"] : s["end"]])
            for s in document["spans"]
        ]
        pieces = encode(either_tokenizer, document["text"])
        aligned = align(pieces, gold, inner=False)
        assert aligned.lost == ()
        read = [aligned.labels[first] for first in pieces.first]
        found = [(pieces.words[a][0], pieces.words[b - 1][1], LABELS[label]) for a, b, label in groups(read)]
        assert found == [(s.start, s.end, s.label) for s in gold]


def _pieces(*first: int, count: int) -> Pieces:
    """Words at 0-1, 2-3, 4-5 … whose first pieces are these."""
    return Pieces(tuple(range(count)), tuple((2 * i, 2 * i + 1) for i in range(len(first))), first, 0)


def test_inner_pieces_continue_their_word_or_are_ignored() -> None:
    pieces = _pieces(0, 2, 5, count=7)
    gold = [Span(0, 3, "KILLED", ""), Span(4, 5, "DATE", "")]
    assert names(align(pieces, gold, inner=False).labels) == [
        "B-KILLED",
        "-",
        "I-KILLED",
        "-",
        "-",
        "B-DATE",
        "-",
    ]
    assert names(align(pieces, gold, inner=True).labels) == [
        "B-KILLED",
        "I-KILLED",
        "I-KILLED",
        "I-KILLED",
        "I-KILLED",
        "B-DATE",
        "I-DATE",
    ]


def test_pieces_outside_spans_are_o_inside_words_too() -> None:
    assert names(align(_pieces(0, 2, count=4), [], inner=True).labels) == ["O"] * 4


def test_pieces_before_the_first_word_have_no_label() -> None:
    assert names(align(_pieces(1, count=2), [], inner=True).labels) == ["-", "O"]


@pytest.mark.parametrize(
    ("gold", "lost"),
    [
        ([Span(2, 3, "KILLED", "")], 1),  # begins in a piece that the word before, O, has taken
        ([Span(0, 1, "KILLED", "")], 1),  # ends inside that piece
        ([Span(0, 3, "KILLED", "")], 1),  # the piece cannot be B and I
        ([], 0),  # both are O: nothing to lose
    ],
)
def test_an_edge_inside_a_piece_is_lost_and_told(gold: list[Span], lost: int) -> None:
    pieces = Pieces((0,), ((0, 1), (1, 3)), (0, 0), 0)
    assert len(align(pieces, gold, inner=True).lost) == lost


def test_a_span_on_a_word_without_a_piece_is_lost_and_told() -> None:
    gold = [Span(2, 3, "DATE", "")]
    aligned = align(_pieces(0, -1, 1, count=2), gold, inner=True)
    assert aligned.lost == tuple(gold)
    assert names(aligned.labels) == ["O", "O"]


@given(text=st.text(st.sampled_from('قتل 23،."-(حA_😀ـَ'), max_size=30))
@settings(max_examples=80)
def test_pieces_never_cross_from_a_word_into_a_sign(either_tokenizer: Tokenizer, text: str) -> None:
    encoding = either_tokenizer.encode(text, add_special_tokens=False)
    edges = words(text)
    for begin, stop in encoding.offsets:
        touched = [text[start:end] for start, end in edges if start < stop and begin < end]
        signs = [word for word in touched if not any(c.isalnum() or c in "ـَ" for c in word)]
        assert len(touched) <= 1 or not signs


def test_without_word_edges_the_unigram_tokenizer_would_cross(unigram: Tokenizer) -> None:
    # Two signs in one piece are what with_word_edges is for: its vocabulary may hold them.
    import json

    data = json.loads(unigram.to_str())
    data["model"]["vocab"].append(['،"', -1.0])
    bare = Tokenizer.from_str(json.dumps(data))
    assert '،"' in bare.encode('قتل،"', add_special_tokens=False).tokens
    assert '،"' not in with_word_edges(bare).encode('قتل،"', add_special_tokens=False).tokens


def test_word_edges_change_a_copy_only(unigram: Tokenizer) -> None:
    before = unigram.to_str()
    with_word_edges(unigram)
    assert unigram.to_str() == before


def test_tags_of_every_label_are_known() -> None:
    for label in LABELS:
        tags, _ = word_tags([(0, 1), (2, 3)], [Span(0, 3, label, "")])
        assert tags == [TAG_IDS[f"B-{label}"], TAG_IDS[f"I-{label}"]]
