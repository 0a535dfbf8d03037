"""Arabic words as the scheme counts them, and folding that keeps the way back to each character.

A *word* is a run of letters, marks and digits, or one sign. Invisible characters (zero-width and
bidi marks) inside a run belong to it; at its edges they do not. Nothing here changes the text: what
is folded is a copy for looking things up, with the offset of every folded character.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

# Combining marks are not \w in Python; Arabic ones stand in these ranges, others in the first.
_MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc"
    "\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08ff\ufe20-\ufe2f"
)
_INVISIBLE = "\u00ad\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff"
_RUN = rf"(?:[^\W_]|[{_MARKS}])"
_WORD = re.compile(rf"{_RUN}+(?:[{_INVISIBLE}]+{_RUN}+)*|[^\s{_INVISIBLE}]")
_DROPPED = re.compile(rf"[{_MARKS}{_INVISIBLE}\u0640]")

_LETTERS = str.maketrans(
    {
        **dict.fromkeys("أإآٱٲٳٵ", "ا"),
        "ى": "ي",
        "ئ": "ي",
        "ؤ": "و",
        "ة": "ه",
        **dict.fromkeys("یېۍ", "ي"),
        **dict.fromkeys("کڪګ", "ك"),
        **dict.fromkeys("ەہۀ", "ه"),
        "پ": "ب",
        "چ": "ج",
        "ڤ": "ف",
        "گ": "غ",
    }
)

# Proclitics, longest first. `ال` is not one of these: it belongs to the noun it defines.
PROCLITICS = ("وبال", "فبال", "وكال", "ولل", "فلل", "وال", "فال", "بال", "كال", "لل", "ال")
PREPOSITIONS = ("و", "ف", "ب", "ل", "ك")


@dataclass(frozen=True, slots=True)
class Folded:
    """A folded copy of a text; `offsets[i]` is where `text[i]` came from, with one entry more for the end."""

    text: str
    offsets: tuple[int, ...]

    def source(self, start: int, end: int) -> tuple[int, int]:
        """Offsets in the untouched text of `text[start:end]`, dropped characters inside included."""
        if start >= end:
            return self.offsets[start], self.offsets[start]
        return self.offsets[start], self.offsets[end - 1] + 1


def words(text: str) -> list[tuple[int, int]]:
    """Offsets `[start, end)` of every word of `text`, in order."""
    return [match.span() for match in _WORD.finditer(text)]


def fold(text: str) -> Folded:
    """`text` without marks, tatweel and invisible characters; letter variants, digits and case made one.

    Hamza carriers lose the hamza, `ى` becomes `ي`, `ة` becomes `ه`, presentation forms and Eastern
    digits become plain ones. A lone hamza stays.
    """
    pieces: list[str] = []
    offsets: list[int] = []
    for index, char in enumerate(text):
        plain = _fold_char(char)
        pieces.append(plain)
        offsets.extend([index] * len(plain))
    offsets.append(len(text))
    return Folded("".join(pieces), tuple(offsets))


def fold_text(text: str) -> str:
    """`fold(text).text`, for looking things up."""
    return "".join(map(_fold_char, text))


def _fold_char(char: str) -> str:
    known = _FOLDED.get(char)
    if known is None:
        known = _FOLDED[char] = _compute_fold(char)
    return known


_FOLDED: dict[str, str] = {}


def _compute_fold(char: str) -> str:
    if _DROPPED.match(char):
        return ""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    if char.isalpha():
        # Presentation forms (and ligatures such as لا) decompose; a hamza they leave is a mark.
        plain = _DROPPED.sub("", unicodedata.normalize("NFKC", char).casefold())
        return plain.translate(_LETTERS)
    return char


def without_clitics(word: str) -> list[str]:
    """Readings of a folded word, the word itself first, then with proclitics and `ال` cut away.

    Every reading is at least two letters long. Which one is meant is for a lexicon to say.
    """
    readings = [word]
    for reading in readings:
        for clitic in (*PREPOSITIONS, *PROCLITICS):
            rest = reading[len(clitic) :]
            if reading.startswith(clitic) and len(rest) >= 2 and rest not in readings:
                readings.append(rest)
                if clitic.endswith("لل"):
                    readings.append("ال" + rest)
    return readings
