"""What stands around a number or noun and bends it: hedges (`أكثر من`, `على الأقل`) and denials (`دون وقوع`).

All patterns are rows of `numerals.tsv`, tried on folded text. A hedge holds for the number beside it only;
verbs such as `تجاوز` may stand some words before it. Which status a denied claim has is for others to say:
they may search with the same pattern.
"""

from __future__ import annotations

import re
from functools import cache

from hasila.countwords import Token, lookup, tables

MARK = "#"  # stands for the number itself where hedges are searched

_CLAUSE_END = re.compile(r"[.؛\n]")
_QUOTES = re.compile(r"[«»\"“”'()\[\]]")
_PROCLITIC = re.compile(r"[\s«\"(]*(?:[بلو]|ال|وال|بال|لل)?$")
_TRAILING = re.compile(r"(?:\s+(?!و)[^\W\d]+){0,2}?[\s,،«\"(]*(?=علي|او|كحد|بحد|ف|تقريبا)")
_NOT_DONE = re.compile(r"\s*(?:لم|لن)\s+[يت]\w+")
_DENIAL_ROWS = (
    "denier",
    "refusal",
    "trigger",
    "trigger_refusal",
    "denied_verb",
    "denied_verb_colloquial",
    "denial_end",
)


def hedges(own: str, before: str, after: str) -> list[str]:
    """Kinds of the hedges of one number: those of its phrase, else the one right around it.

    `own` is the folded phrase with `MARK` for its number (a noun that counts itself has none).
    """
    kinds = found(own)
    if kinds:
        return kinds
    # A hedge before `و` is the end of another claim: `قتيلين على الأقل` + `وخمسة جرحى`.
    clause = "" if own.startswith("و") else _CLAUSE_END.split(before)[-1]
    lead, mark, _ = own.partition(MARK)
    near = clause + lead if mark else clause
    return _leading(near, mark) or _trailing(after) or (_far(near) if mark else [])


def found(text: str) -> list[str]:
    """Kinds of the hedges in folded `text`, in order."""
    return [_kind(match) for match in _hedge_pattern().finditer(_QUOTES.sub(" ", text))]


def ends_hedged(text: str) -> bool:
    """Whether a number after `text` would be hedged by its last words."""
    return any(match.end() >= len(text.rstrip()) for match in _hedge_pattern().finditer(text + MARK))


def unhedged(folded: str, words: list[Token]) -> list[Token]:
    """The words that are no hedge: the noun of `ما لا يقل عن طفلين` is its last."""
    spans = [match.span() for match in _hedge_pattern().finditer(folded)]
    return [word for word in words if not any(start <= word.start < end for start, end in spans)]


def _leading(near: str, mark: str) -> list[str]:
    ending = _PROCLITIC.search(near)
    edge = ending.start() if ending else len(near)
    for match in _hedge_pattern().finditer(near + mark):
        # Before a noun only `أكثر من` and its kin are hedges: `نحو شاب` may be a direction.
        if match.end() >= edge and (mark or match[0].endswith(("من", "عن"))):
            return [_kind(match)]
    return []


def _trailing(after: str) -> list[str]:
    tail = _TRAILING.match(after)
    match = _hedge_pattern().match(after, tail.end()) if tail else None
    return [_kind(match)] if match else []


def _far(near: str) -> list[str]:
    return [kind for pattern, kind in _far_patterns() if _governs(pattern.search(near))][:1]


def _governs(match: re.Match[str] | None) -> bool:
    """Whether the words between a verb and the number are its subject, with no number of their own."""
    if match is None:
        return False
    gap = re.findall(r"[^\W\d]+", match[1])
    other = any(lookup(word, "number") or word in tables()["far_end"] for word in gap)
    return not other and any(lookup(word, "total") for word in gap)


@cache
def _hedge_pattern() -> re.Pattern[str]:
    """One alternation of all hedges; the group that matched names the row."""
    rows = "|".join(f"({_spaced(pattern)})" for pattern in tables()["hedge"])
    return re.compile(rf"(?<!\w)[وف]?[بل]?(?:{rows})(?![^\W\d])")


@cache
def _hedge_kinds() -> tuple[str, ...]:
    return tuple(tables()["hedge"].values())


def _kind(match: re.Match[str]) -> str:
    return _hedge_kinds()[(match.lastindex or 1) - 1]


@cache
def _far_patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Verbs that hedge a number some words on, with the preposition it then needs: pattern and kind."""
    gap = r"((?:[\s,،]+(?:[^\W\d]+|(?:19|20)\d\d)){0,9}?)[\s,،]+"
    compiled = []
    for pattern, value in tables()["far_hedge"].items():
        kind, _, needed = value.partition(" ")
        ending = needed or "(?:ال|عتبه|حاجز)?"
        compiled.append((re.compile(rf"(?<!\w)[وفل]?(?:{_spaced(pattern)}){gap}{ending}\s*$"), kind))
    return tuple(compiled)


def _spaced(pattern: str) -> str:
    return pattern.replace(" ?", r"\s*").replace(" ", r"\s+")


@cache
def denials() -> re.Pattern[str]:
    """What denies the claim that follows it, to be searched in the folded text right before a span.

    That text must end in a space. The words between a denial and the span are few, and none of them
    ends its reach (`سوى`, `مسؤوليته`).
    """
    rows = {name: "|".join(map(_spaced, tables()[name])) for name in _DENIAL_ROWS}
    word = rf"(?:\s+(?!(?:{rows['denial_end']})(?!\w))[«\"“(]*\w+[»\"”)]*)"
    trigger = rf"\s+[بعلو]?(?:ال)?(?:{rows['trigger']})(?!\w)"
    doubted = rf"(?:{trigger}|\s+(?:{rows['trigger_refusal']})(?!\w))"
    verbs = f"{rows['denied_verb']}|{rows['denied_verb_colloquial']}"
    return re.compile(
        rf"(?<!\w)[وف]?(?:(?:{rows['denier']})(?:{trigger}{word}{{0,4}})?"
        rf"|(?:{rows['refusal']}){word}{{0,7}}?{doubted}{word}{{0,4}}"
        rf"|(?:{verbs})(?!\w){word}{{0,5}})\s+[«\"“(]*$"
    )


def is_denied(phrase: str, before: str, after: str) -> bool:
    """Whether folded text says that the phrase did not happen: before it, inside it, or of `أحد` after it."""
    lead = before.rstrip() + " "
    inside = phrase[: phrase.rstrip().rfind(" ") + 1]
    if denials().search(lead) or denials().search(lead + inside):
        return True
    nobody = any(lookup(word, "any") for word in phrase.split()[:2]) or re.search("واحد[اه]?$", phrase)
    return bool(nobody and _NOT_DONE.match(after))
