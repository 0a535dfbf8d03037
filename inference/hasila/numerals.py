"""How many people an Arabic quantity phrase counts: `parse` turns a span's words into a `Count`.

Any phrase of the news: digits and number words, hedged or in ranges, duals, singulars, bare plurals,
vague words, and the zero of a denied claim. `countwords` reads the numbers, `plurality` the nouns without
one, `hedges` what stands around; here they become bounds. It does not find spans, nor tell what became of
the people, nor decide a claim's status.
"""

from __future__ import annotations

from fractions import Fraction
from itertools import takewhile
from math import prod

from hasila.arabic import fold_text
from hasila.countwords import Number, Token, begin, ends, is_one, is_share, lookup, numbers, tables, tokens
from hasila.document import Count
from hasila.hedges import MARK, ends_hedged, found, hedges, is_denied, unhedged
from hasila.plurality import Plurality, is_definite, plurality

POLICIES = ("none", "acled")
MOST_PEOPLE = 8_000_000_000
# Characters on each side that can tell something of a span; a span of twice as many is no count.
REACH = 200

_SIDES = {"at_least": "low", "more_than": "low", "at_most": "high", "less_than": "high"}


def parse(phrase: str, before: str = "", after: str = "", policy: str = "none") -> Count | None:
    """The count that `phrase` states; `None` where it holds neither a number nor a noun.

    `before` and `after` are the text around the span (some 60 characters of its sentence suffice):
    they may hedge the number, deny the claim, or show whether `ين` is a dual. Vague words have the
    bounds `None`, or under another `policy` the least number they can mean as `min`: `acled` takes 10
    for tens, 12 for dozens, 100 for hundreds and so on, as ACLED's coding rules for fatalities do.
    Raises ValueError for an unknown policy, and nothing else: what cannot be people (more than eight
    billion, fractions, bounds that contradict each other) has the bounds `None` and a flag.
    """
    if policy not in POLICIES:
        raise ValueError(f"unknown policy {policy!r}: one of {', '.join(POLICIES)}")
    phrase = phrase[: 2 * REACH]
    words = tokens(phrase)
    if all(word.kind == "sign" for word in words):
        return None
    folded, before, after = fold_text(phrase), fold_text(before[-REACH:]), fold_text(after[:REACH])
    found_numbers = list(numbers(words))
    if all(is_one(words, number) for number in found_numbers) and is_denied(folded, before, after):
        # `نفى أن يكون بين المعتقلين`: people told of are there, and the denial is of something else.
        noun = plurality(words, before, after) if is_definite(words[0].text) else None
        return _told_of(noun) or Count(0, 0, "exact")
    if found_numbers and found_numbers[0].start and lookup(words[0].text, "one_of"):
        return Count(1, 1, "exact")  # `أحد التونسيين العشرة`
    if found_numbers and is_share(words, found_numbers[0]):
        return Count(None, None, "vague")
    if found_numbers:
        return _counted(folded, words, found_numbers, before, after)
    return _uncounted(folded, unhedged(folded, words), before, after, policy)


def _told_of(noun: Plurality | None) -> Count | None:
    """The count of a definite plural."""
    return Count(None, None, "plural", noun.flags) if noun is not None and noun.count is None else None


def _counted(folded: str, words: list[Token], known: list[Number], before: str, after: str) -> Count:
    """The count of a phrase with a number in it: its range or hedge, and what is doubtful."""
    limits = ends(words, known)
    if limits is not None:
        return _checked(limits[0], limits[1], "range", _several(words, known[limits[2] - 1 :]))
    begins = [begin(words, number) for number in known] + [len(folded)]
    lead, trail = folded[: begins[0]] + MARK, folded[words[known[0].end - 1].end : begins[1]]
    if len(known) == 1:
        return _bounded(known[0].value, hedges(lead + trail, before, after))
    # What stands right before the second number hedges that one.
    upper = found(trail + MARK)[-1:] if ends_hedged(trail) else []
    kinds = hedges(lead + ("" if upper else trail), before, "")
    sides = {_SIDES.get(kind): kind for kind in (*kinds[:1], *upper)}
    if sides.keys() == {"low", "high"}:
        values = dict(zip((*kinds[:1], *upper), (known[0].value, known[1].value), strict=True))
        low, high = sides["low"], sides["high"]
        return _checked(_edges(low, values[low])[0], _edges(high, values[high])[1], "range")
    return _bounded(known[0].value, kinds, _several(words, known))


def _several(words: list[Token], known: list[Number]) -> tuple[str, ...]:
    """A flag for a second number that nothing ties to the first; `3 من أصل 20` is tied."""
    if len(known) < 2:
        return ()
    return () if any(word.text == "اصل" for word in words[: known[1].start]) else ("several_numbers",)


def _uncounted(folded: str, words: list[Token], before: str, after: str, policy: str) -> Count | None:
    """The count of a phrase without a number, its hedges already taken out of `words`."""
    if _is_vague(words):
        return _checked(
            Fraction(floor) if policy == "acled" and (floor := _floor(words)) else None, None, "vague"
        )
    either = [plurality(side, before, after) for side in _sides(words)]
    if either == [Plurality(1), Plurality(2)]:
        return Count(1, 2, "range")
    noun = plurality(words, before, after)
    if noun is None:
        return None
    if noun.count is None:
        return Count(None, None, "plural", noun.flags)
    kinds = [kind for kind in hedges(folded, before, after) if kind in _SIDES]
    return _bounded(Fraction(noun.count), kinds, noun.flags)


def _is_vague(words: list[Token]) -> bool:
    vague = tables()["vague"]
    forms = [lookup(word.text, "vague") for word in words]
    first = next((i for i, word in enumerate(words) if word.text not in tables()["filler"]), 0)
    return any(
        form is not None and (index == first or bool(vague[form]) or form in tables()["vague_after"])
        for index, form in enumerate(forms)
    )


def _floor(words: list[Token]) -> int | None:
    """The least number that the vague words can mean: 10 for tens, 10,000 for tens of thousands."""
    floors = [tables()["vague"].get(lookup(word.text, "vague") or "", "") for word in words]
    start = next((index for index, floor in enumerate(floors) if floor), None)
    return None if start is None else prod(map(int, takewhile(bool, floors[start:])))


def _sides(words: list[Token]) -> list[list[Token]]:
    """The two sides of `شخص أو شخصين`, or none."""
    middle = next((index for index, word in enumerate(words) if word.text == "او"), None)
    return [] if middle is None else [words[:middle], words[middle + 1 :]]


def _bounded(value: Fraction, kinds: list[str], flags: tuple[str, ...] = ()) -> Count:
    """The bounds of one number under its hedges; a lower and an upper one contradict each other."""
    if value.denominator > 1 and value > 1000:
        # A third of a million is no exact number.
        value, kinds = Fraction(round(value)), kinds or ["about"]
    sided = [kind for kind in kinds if kind in _SIDES]
    if len({_SIDES[kind] for kind in sided}) > 1:
        return Count(None, None, sided[0], (*flags, "contradictory"))
    kind = "more_than" if "more_than" in sided else (sided or kinds or ["exact"])[0]
    return _checked(*_edges(kind, value), kind, flags)


def _edges(kind: str, value: Fraction) -> tuple[Fraction | None, Fraction | None]:
    """Inclusive bounds of a number under a hedge of this kind."""
    bounds: dict[str, tuple[Fraction | None, Fraction | None]] = {
        "at_least": (value, None),
        "more_than": (value + 1, None),
        "at_most": (None, value),
        "less_than": (None, value - 1),
    }
    return bounds.get(kind, (value, value))


def _checked(low: Fraction | None, high: Fraction | None, kind: str, flags: tuple[str, ...] = ()) -> Count:
    """A count of whole people, no more than there are, from low to high; else flagged, without bounds."""
    bounds = [bound for bound in (low, high) if bound is not None]
    if any(bound > MOST_PEOPLE for bound in bounds):
        return Count(None, None, kind, (*flags, "too_large"))
    if any(bound.denominator > 1 for bound in bounds):
        return Count(None, None, kind, (*flags, "not_whole"))
    if any(bound < 0 for bound in bounds) or bounds != sorted(bounds):
        return Count(None, None, kind, (*flags, "contradictory"))
    return Count(None if low is None else int(low), None if high is None else int(high), kind, flags)
