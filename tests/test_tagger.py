"""Tagging: all offsets true whatever the text, and nothing of a long text left unread."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

from hasila import tagger as tagging
from hasila.arabic import words
from hasila.document import Span
from hasila.labels import LABELS
from hasila.models import Model
from hasila.tagger import Tagger
from hasila.windows import Logits
from training.align import with_word_edges

TEXTS = st.text(
    st.one_of(
        st.sampled_from('قتل جرحى ثلاثة،.-"3٢ـَ\n\t\u200f\u200c\ufeff\u00a0ﻻ_\0\ud800😀A<>/s'),
        st.characters(),
    ),
    max_size=80,
)
SENTENCES = (
    "قتل ثلاثة مدنيين وأصيب 20 آخرون في قصف على حلب، وفق الدفاع المدني.",
    "وأعلنت قوات سوريا الديمقراطية أسر 12 عنصراً من تنظيم داعش قرب الرقة.",
    "ونزحت عشرات العائلات من ريف إدلب الجنوبي إلى المخيمات صباح الجمعة.",
)


def check(text: str, spans: Sequence[Span]) -> None:
    """Offsets are the text's own, spans stand in order at word edges, scores are in 0..1."""
    edges = words(text)
    starts, ends = {start for start, _ in edges}, {end for _, end in edges}
    before = 0
    for span in spans:
        assert text[span.start : span.end] == span.text
        assert before <= span.start < span.end
        assert span.start in starts
        assert span.end in ends
        assert span.label in LABELS
        assert span.score is not None
        assert 0 <= span.score <= 1
        before = span.end


class ByPiece:
    """An engine whose logits hang on the piece alone, never on its neighbours."""

    def __init__(self, tags: int = 29) -> None:
        self._table = (3 * np.random.default_rng(5).normal(size=(5000, tags))).astype(np.float32)
        self._table[:, 0] += 4  # mostly O
        self.longest = self.calls = 0

    def logits(self, ids: Sequence[int]) -> Logits:
        self.calls += 1
        self.longest = max(self.longest, len(ids))
        return self._table[np.asarray(ids)]


@pytest.fixture
def by_piece(either_tokenizer: Tokenizer, tmp_path: Any) -> tuple[Tagger, ByPiece]:
    engine = ByPiece()
    return Tagger(Model("by-piece", tmp_path, tuple(range(29))), either_tokenizer, engine), engine


@given(text=TEXTS)
@settings(max_examples=60)
def test_any_text(tagger: Tagger, text: str) -> None:
    check(text, tagger.tag(text).spans)


@pytest.mark.parametrize("text", ["", " ", "\n\r\n\t", "\u200f\u200b\ufeff", "\u00a0\u3000"])
def test_nothing_to_read(tagger: Tagger, text: str) -> None:
    assert tagger.tag(text) == tagging.Tagged((), ())


@pytest.mark.parametrize("text", ["\0", "\ud800\udfff", "قتل\0ثلاثة\0", ".", "😀" * 50, "<s> <mask> قتل"])
def test_strange_texts(tagger: Tagger, text: str) -> None:
    check(text, tagger.tag(text).spans)


def test_half_surrogate_pairs_are_noted_and_move_nothing(tagger: Tagger) -> None:
    text = "قتل \ud800 ثلاثة مدنيين \udc00"
    tagged = tagger.tag(text)
    assert tagged.notes == ("lone surrogates were read as U+FFFD",)
    check(text, tagged.spans)
    replaced = tagger.tag(text.replace("\ud800", "\ufffd").replace("\udc00", "\ufffd"))
    assert [(s.start, s.end) for s in tagged.spans] == [(s.start, s.end) for s in replaced.spans]


def test_a_word_of_100000_letters_is_noted_and_what_follows_is_read(by_piece: tuple[Tagger, ByPiece]) -> None:
    tagger, _ = by_piece
    alone = tagger.tag(SENTENCES[0]).spans
    assert alone
    text = "م" * 100_000 + "\n" + SENTENCES[0]
    tagged = tagger.tag(text)
    check(text, tagged.spans)
    tail = [_moved(span, 100_001) for span in alone]
    assert list(tagged.spans)[-len(tail) :] == tail


def test_pieces_that_are_not_read_are_counted(tagger: Tagger) -> None:
    (note,) = tagger.tag("ا" * 1000).notes
    assert note.endswith("pieces inside overlong words were not read")
    assert int(note.split()[0]) > 100


def _moved(span: Span, by: int) -> Span:
    return Span(span.start + by, span.end + by, span.label, span.text, span.score)


def test_a_long_text_is_read_to_its_end(by_piece: tuple[Tagger, ByPiece]) -> None:
    tagger, engine = by_piece
    block = "\n".join(SENTENCES) + "\n\n"
    once = tagger.tag(block).spans
    assert len(once) > 5
    tagged = tagger.tag(block * 60)
    assert list(tagged.spans) == [_moved(span, k * len(block)) for k in range(60) for span in once]
    assert engine.calls > 5
    assert engine.longest <= tagging.WINDOW


@pytest.mark.slow
def test_an_article_of_5_mb_is_read_to_its_end(tagger: Tagger) -> None:
    sentence = " ".join(SENTENCES) + "\n"
    text = sentence * (5_000_000 // len(sentence.encode()) + 1)
    assert len(text.encode()) >= 5_000_000
    tagged = tagger.tag(text)
    check(text, tagged.spans)
    assert tagged.notes == ()
    assert tagged.spans[-1].start > len(text) - len(sentence)


def test_where_windows_end_changes_nothing(
    by_piece: tuple[Tagger, ByPiece], monkeypatch: pytest.MonkeyPatch
) -> None:
    tagger, _ = by_piece
    text = "\n".join(SENTENCES * 2)
    whole = tagger.tag(text)
    for size in range(40, 140, 7):  # the border wanders through the text
        monkeypatch.setattr(tagging, "WINDOW", size)
        for overlap in (0, 8, (size - 2) // 2):
            monkeypatch.setattr(tagging, "OVERLAP", overlap)
            assert tagger.tag(text) == whole


def test_offsets_stay_true_wherever_the_text_begins(tagger: Tagger) -> None:
    # With a network that looks around, scores may move with the border, offsets may not.
    for shift in range(0, 60, 7):
        text = "و " * shift + " ".join(SENTENCES * 6)
        check(text, tagger.tag(text).spans)


def test_columns_in_another_order_are_put_in_ours(either_tokenizer: Tokenizer, tmp_path: Any) -> None:
    order = tuple(reversed(range(29)))
    straight = Tagger(Model("a", tmp_path, tuple(range(29))), either_tokenizer, ByPiece())
    engine = ByPiece()
    engine._table = engine._table[:, ::-1]
    turned = Tagger(Model("b", tmp_path, order), either_tokenizer, engine)
    assert turned.tag(SENTENCES[0]) == straight.tag(SENTENCES[0])


def test_a_tokenizers_own_truncation_is_lifted(onnx_folder: Any, copy_of: Any, manifest_writer: Any) -> None:
    folder = copy_of(onnx_folder)
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(16)
    tokenizer.enable_padding(length=64)
    tokenizer.save(str(folder / "tokenizer.json"))
    manifest_writer(folder)
    text = " ".join(SENTENCES * 3)
    cut, whole = (Tagger.from_pretrained(str(path)).tag(text) for path in (folder, onnx_folder))
    assert cut == whole


def test_the_word_edges_of_training_are_those_of_reading(unigram: Tokenizer) -> None:
    once = with_word_edges(unigram)
    assert with_word_edges(once).to_str() == once.to_str()
