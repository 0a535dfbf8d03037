"""The regex floor: what a page of patterns finds, so that a model's score has something to stand on.

    python -m training.baseline [--part test] -o PREDICTIONS.jsonl

It looks for numbers and victim nouns near a word of killing, wounding, arresting or fleeing, for dates,
and for the plainest weapons, events and forces. It is a measure, not a part of the product.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

from hasila.arabic import fold
from hasila.document import Span
from training import corpora, gold, predictions

_HEDGE = r"(?:اكثر من |ما لا يقل عن |نحو |حوالي |قرابه |زهاء )?"
_UNITS = "واحد|اثنين|اثنان|ثلاثه?|اربعه?|خمسه?|سته?|سبعه?|ثماني(?:ه)?|تسعه?|عشره?|عشرون|عشرين|ميه|الف"
_NUMBER = rf"(?:\d[\d,.]*|(?:{_UNITS}|عشرات|ميات|عدد من)(?: عشره?)?)"
_NOUN = (
    r"(?:شخص(?:ا|ين|ان)?|اشخاص|مدني(?:ا|ين|ان|ون)?|قتيل(?:ا)?|قتلي|جريح(?:ا)?|جرحي|جندي(?:ا|ين)?|جنود|"
    r"طفل(?:ا|ان|ين)?|اطفال|نساء|مسلح(?:ا|ين)?|عنصر(?:ا)?|عناصر|مقاتل(?:ا|ين)?|شهيد(?:ا)?|شهداء|اخر(?:ون|ين)|فلسطيني(?:ا|ين)?)"
)
_CLAIM = re.compile(rf"(?<!\w)و?(?:{_HEDGE}{_NUMBER}(?: {_NOUN})?|{_NOUN})(?: علي الاقل)?(?!\w)")

# The nearest of these within 40 characters before (or 25 after) gives the outcome.
_OUTCOMES = {
    "KILLED": r"قتل|مقتل|استشه|مصرع|قتيل|قتلي|شهيد|شهداء|لقي|جث",
    "INJURED": r"اصيب|اصابه|اصابات|جرح|جريح|جراح",
    "DETAINED": r"اعتقل|اعتقال|احتجز|اسر |خطف|اختط|توقيف|اوقف",
    "MISSING": r"فقدان|مفقود",
    "DISPLACED": r"نزوح|نزح|نازح|تهجير|شرد",
}
_TRIGGER = re.compile("|".join(f"(?P<{label}>{words})" for label, words in _OUTCOMES.items()))

_ENTITIES = {
    "DATE": (
        r"(?:مساء |صباح |فجر |ليل )?(?:اليوم|امس(?: الاول)?|اول من امس"
        r"|(?:يوم )?(?:السبت|الاحد|الاثنين|الثلاثاء|الاربعاء|الخميس|الجمعه)(?: الماضي)?"
        r"|(?:عام |سنه )?(?:19|20)\d\d)"
    ),
    "ACTOR": r"(?:قوات |تنظيم |حركه |جماعه )[^\W\d_]+|الجيش [^\W\d_]+|الحوثيين|طالبان",
    "WEAPON": r"عبوه ناسفه|سياره مفخخه|قذايف هاون|صواريخ|صاروخ|طايرات حربيه|براميل متفجره",
    "EVENT": r"(?:ال)?(?:غارات|غاره|قصف|هجوم|اشتباكات|معارك|انفجار|تفجير|كمين)(?: جويه| انتحاري)?",
    "LOCATION": r"(?:مدينه |محافظه |بلده |قريه |مخيم )[^\W\d_]+",
}
_ENTITY = re.compile(
    "|".join(rf"(?P<{label}>(?<!\w)[وبفل]?(?:{words})(?!\w))" for label, words in _ENTITIES.items())
)


def spans(text: str) -> list[Span]:
    """What the patterns find in `text`, earliest first, never overlapping."""
    folded = fold(text)
    found = [(m.start(), m.end(), str(m.lastgroup)) for m in _ENTITY.finditer(folded.text)]
    for match in _CLAIM.finditer(folded.text):
        label = _outcome(folded.text, match.start(), match.end())
        if label:
            found.append((match.start(), match.end(), label))
    result: list[Span] = []
    for start, end, label in sorted(found):
        begin, stop = folded.source(start, end)
        if not result or begin >= result[-1].end:
            result.append(Span(begin, stop, label, text[begin:stop]))
    return result


def _outcome(text: str, start: int, end: int) -> str | None:
    before = list(_TRIGGER.finditer(text, max(0, start - 40), end))
    if before:
        return before[-1].lastgroup
    after = _TRIGGER.search(text, end, end + 25)
    return after.lastgroup if after else None


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.baseline", description=__doc__.split("\n")[0])
    parser.add_argument("--part", choices=gold.PARTS, default="test")
    parser.add_argument("--documents", type=Path, default=corpora.DOCUMENTS)
    parser.add_argument("-o", dest="out", type=Path, required=True, metavar="PREDICTIONS")
    options = parser.parse_args(arguments)
    documents = [d for d in corpora.read(options.documents) if d.part == options.part]
    found = {
        d.id: tuple(Span(s.start + d.offset, s.end + d.offset, s.label, s.text) for s in spans(d.text))
        for d in documents
    }
    predictions.write(found, options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
