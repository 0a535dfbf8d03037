"""Cues around casualties: the words that tell victims, status, source, subsets, agents, places, updates.

`find(text, family)` returns the cues of one family of `cues.tsv` (`victim`, `status`, `source`, `subset`,
`by`, `of`, `where`, `when`, `update`, `cause`, `outcome`) in a text, in order, with offsets of whole words
in the untouched text. Proclitics and the article are seen through, and the endings that a cue allows.
It decides nothing: a cue says what its words usually mean, and its note in the table how often the
annotated articles agree.
"""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from itertools import product

from hasila.arabic import fold_text, without_clitics, words

# `~`: the case, dual and plural endings of a noun; `*`: a pronoun fixed to it.
_ENDINGS = {
    "~": ("", "ا", "ان", "ين", "ون", "ه", "ات", "تين", "تان", "ي", "و", "يا", "يان", "يين", "يه"),
    "*": ("", "ه", "ها", "هم", "هن", "هما", "نا", "كم"),
}


@dataclass(frozen=True, slots=True)
class Cue:
    """A cue found: code points `[start, end)` of the untouched text, whole words."""

    start: int
    end: int
    family: str
    value: str


@dataclass(frozen=True, slots=True)
class _Entry:
    """What follows a cue's first two words, and what the cue means."""

    rest: tuple[str, ...]
    family: str
    value: str


def find(text: str, family: str) -> list[Cue]:
    """The cues of `family` in `text`, in order, none overlapping another; the longest of several wins.

    The first call on a text reads all families in one pass; others on the same text are look-ups. Raises
    KeyError for a family that is not in the table.
    """
    if family not in _lexicon().families:
        raise KeyError(family)
    return [Cue(start, end, family, value) for start, end, value in _scan(text).get(family, ())]


class _Lexicon:
    """Entries by their cue's one word, or by its first two: most words begin nothing, and cost nothing."""

    def __init__(self) -> None:
        self._words: defaultdict[str, list[_Entry]] = defaultdict(list)
        self._pairs: defaultdict[tuple[str, str], list[_Entry]] = defaultdict(list)
        self._vocabulary: set[str] = set()
        self.families: set[str] = set()
        for cue, family, value in _rows():
            self.families.add(family)
            for form in _forms(cue):
                entry = _Entry(tuple(form[2:]), family, value)
                if len(form) > 1:
                    self._pairs[form[0], form[1]].append(entry)
                else:
                    self._words[form[0]].append(entry)
                self._vocabulary.update(form)
        for entries in self._pairs.values():
            entries.sort(key=lambda entry: -len(entry.rest))
        self.readings = functools.lru_cache(1 << 16)(self._readings)

    def _readings(self, word: str) -> tuple[str, ...]:
        """The words of the table that `word`, as it stands in a text, can be."""
        folded = fold_text(word)
        return tuple(
            reading
            for reading in without_clitics(folded)
            if reading in self._vocabulary and not _is_stump(folded, reading)
        )

    def matches(self, readings: list[tuple[str, ...]], at: int) -> Iterator[tuple[_Entry, int]]:
        """The entries that begin at word `at`, longest first, each with its number of words."""
        following = readings[at + 1] if at + 1 < len(readings) else ()
        for pair in product(readings[at], following):
            for entry in self._pairs.get(pair, ()):
                rest = readings[at + 2 : at + 2 + len(entry.rest)]
                if len(rest) == len(entry.rest) and all(map(_contains, rest, entry.rest)):
                    yield entry, 2 + len(rest)
        for reading in readings[at]:
            for entry in self._words.get(reading, ()):
                yield entry, 1


@functools.lru_cache(16)
def _scan(text: str) -> dict[str, list[tuple[int, int, str]]]:
    lexicon, places = _lexicon(), words(text)
    readings = [lexicon.readings(text[start:end]) for start, end in places]
    found: defaultdict[str, list[tuple[int, int, str]]] = defaultdict(list)
    for at, (start, _) in enumerate(places):
        if not readings[at]:
            continue
        for entry, size in lexicon.matches(readings, at):
            cues = found[entry.family]
            if not cues or cues[-1][1] <= start:
                cues.append((start, places[at + size - 1][1], entry.value))
    return found


@functools.cache
def _lexicon() -> _Lexicon:
    return _Lexicon()


def _contains(readings: tuple[str, ...], word: str) -> bool:
    return word in readings


def _is_stump(word: str, reading: str) -> bool:
    """Two letters left of a word that are no word there: `الآن` is not `ان`, `كان` neither."""
    return len(reading) < 3 and len(word) - len(reading) > (word[0] in "وفب")


def _forms(cue: str) -> Iterator[list[str]]:
    for variant in cue.split("|"):
        forms: list[list[str]] = [[]]
        for word in variant.split():
            forms = [[*form, each] for form in forms for each in _inflected(word)]
        yield from forms


def _inflected(word: str) -> Iterable[str]:
    endings = _ENDINGS.get(word[-1])
    return [word] if endings is None else dict.fromkeys(word[:-1] + ending for ending in endings)


def _rows() -> Iterator[tuple[str, str, str]]:
    text = (resources.files("hasila") / "cues.tsv").read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    for line in lines[1:]:
        cue, family, value, _ = line.split("\t")
        yield cue, family, value
