"""Words and folding: a linguist's cases, and what must hold for any text."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hasila.arabic import fold, fold_text, without_clitics, words

CASES = Path(__file__).parent / "cases"
INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_WRITTEN_OUT = re.compile(r"\\u([0-9a-f]{4})|\\(n|t)")

# What meets in news: letters with and without marks, digits of three kinds, signs, what cannot be seen.
TEXTS = st.text(
    st.one_of(
        st.sampled_from('قتلجرحىةأإآؤئءمدني ـَُّ٢۳5،.-"«\n\t\u200f\u200c\ufeff\u00a0ﻻﷲ_\0\ud800😀Aß'),
        st.characters(),
    ),
    max_size=60,
)


def rows(name: str) -> list[tuple[str, str]]:
    lines = (CASES / name).read_text(encoding="utf-8").split("\n")[1:]
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(_characters(row[0]), _characters(row[1])) for row in cells]


def _characters(cell: str) -> str:
    return _WRITTEN_OUT.sub(lambda m: chr(int(m[1], 16)) if m[1] else {"n": "\n", "t": "\t"}[m[2]], cell)


@pytest.mark.parametrize(("text", "expected"), rows("words.tsv"), ids=ascii)
def test_words(text: str, expected: str) -> None:
    found = [text[start:end] for start, end in words(text)]
    assert found == ([] if expected == "-" else expected.split(" "))


@pytest.mark.parametrize(("text", "expected"), rows("fold.tsv"), ids=ascii)
def test_fold(text: str, expected: str) -> None:
    assert fold_text(text) == expected


@given(TEXTS)
@settings(max_examples=60)
def test_words_are_in_order_and_leave_out_only_what_is_blank_or_invisible(text: str) -> None:
    found = words(text)
    borders = [0, *(edge for word in found for edge in word), len(text)]
    assert borders == sorted(borders)
    assert all(start < end for start, end in found)
    left_out = "".join(text[a:b] for a, b in zip(borders[::2], borders[1::2], strict=True))
    assert re.fullmatch(
        r"[\s\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]*", left_out
    )


@given(TEXTS)
@settings(max_examples=60)
def test_each_folded_character_leads_back_to_its_own(text: str) -> None:
    folded = fold(text)
    assert folded.text == fold_text(text)
    assert len(folded.offsets) == len(folded.text) + 1
    assert folded.offsets[-1] == len(text)
    assert list(folded.offsets) == sorted(folded.offsets)
    for index, character in enumerate(folded.text):
        assert character in fold_text(text[folded.offsets[index]])


@given(TEXTS, st.data())
@settings(max_examples=60)
def test_source_gives_a_range_that_folds_to_what_was_asked(text: str, data: st.DataObject) -> None:
    folded = fold(text)
    start = data.draw(st.integers(0, len(folded.text)))
    end = data.draw(st.integers(start, len(folded.text)))
    begin, stop = folded.source(start, end)
    assert 0 <= begin <= stop <= len(text)
    assert folded.text[start:end] in fold_text(text[begin:stop])


def test_folding_twice_is_folding_once() -> None:
    for character in map(chr, range(0x3000)):
        once = fold_text(character)
        assert fold_text(once) == once, ascii(character)


def test_source_covers_marks_inside_and_not_the_next_word() -> None:
    text = "قُتِلَ طفل"
    folded = fold(text)
    begin, stop = folded.source(0, 3)
    assert text[begin:stop] == "قُتِلَ"[: stop - begin]
    assert text[begin:stop].startswith("قُتِل")


@pytest.mark.parametrize(
    ("word", "reading"),
    [
        ("وبالمدينه", "مدينه"),
        ("للمدينه", "المدينه"),
        ("للمدينه", "مدينه"),
        ("والقتلي", "قتلي"),
        ("بحلب", "حلب"),
        ("فقتل", "قتل"),
        ("ولطفل", "طفل"),
    ],
)
def test_clitics_are_cut_away(word: str, reading: str) -> None:
    assert reading in without_clitics(word)


@given(TEXTS)
@settings(max_examples=60)
def test_the_word_itself_is_the_first_reading_and_no_reading_comes_twice(word: str) -> None:
    readings = without_clitics(word)
    assert readings[0] == word
    assert len(readings) == len(set(readings))
    assert all(len(reading) >= 2 for reading in readings[1:])
