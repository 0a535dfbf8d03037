"""Whether a noun phrase without a number means one, two or many.

Arabic writes the dual and the sound plural of most nouns alike in the oblique case (`مدنيين`): marks,
broken plurals and the agreement of the words around decide, and where they are silent the reading is the
plural, flagged. The words stand in `numerals.tsv`. Numbers, hedges and denials are not read here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import takewhile

from hasila.arabic import without_clitics
from hasila.countwords import Token, lookup, tables

AMBIGUOUS = "dual_or_plural"

# Marks that tell a dual: a fatha before its ي (مقاتلَين, مرافقَيه), a shadda before its ان (صبيّان).
_DUAL_MARK = re.compile(
    "(?:\u064e\u0651?|\u0651\u064e)ي\u0652?(?:ن|ه|ها|هم|هما)?$|ي\u0652ين$|ي(?:\u0651\u064e?|\u064e\u0651)ان$"
)
# Two names after a definite noun: `المصورين حسن ومرتضى`.
_NAMES = re.compile(
    r"\s+(?!ال|و)[^\W\d]+(?:\s+[^\W\d]+){0,3}?\s+و[^\W\d]{2,}(?:\s+[^\W\d]+){0,2}?"
    r"\s*(?:[،,.(«\"-]|\s(?:الذين|اللذين|في|من|علي|الي|بعد|خلال|اثر)\s)"
)
# Vowel marks, tatweel and invisible signs that may follow the last letter of a word.
_AFTER_LAST = "\u0640\u200b\u200c\u200d\u200e\u200f" + "".join(map(chr, range(0x64B, 0x653)))
_PLURAL_MARK = re.compile("\u0650[يى]ن")
_BROKEN = re.compile(r"ا\w\wا[^ءه]|\w{3,}اء|[^ا]\wا\wي[^هاني]")
_MANY_VERB = re.compile(r"\w{2,}وا|ي\w{2,}ون")
_PAIR_VERB = re.compile(r"ي\w{2,}ان|\w{2,}هما")
_SENTENCE_END = re.compile(r"[.؛;!?؟\n\r]")
_POSSESSIVES = ("هما", "كما", "هم", "هن", "نا", "كم", "ها", "ه", "ي", "ك")


@dataclass(frozen=True, slots=True)
class Plurality:
    """1, 2 or `None` for many, and what was doubtful about it."""

    count: int | None
    flags: tuple[str, ...] = ()


def plurality(words: list[Token], before: str = "", after: str = "") -> Plurality | None:
    """What the first noun of `words` says; `None` where there is no noun.

    `before` and `after` are the folded text around the phrase, for the agreement of `ين`.
    """
    words = [word for word in words if word.kind == "letters"]
    head = next((i for i, word in enumerate(words) if not _is_filler(word, i, words)), None)
    if head is None or words[head].text in tables()["particle"]:
        return None
    noun, following = words[head], words[head + 1 :]
    if lookup(words[0].text, "one_of"):
        return Plurality(1)
    if any(lookup(word.text, "all") for word in words[: head + 1]) and following:
        return Plurality(None)
    who = next((tables()["who"][w.text] for w in following[:1] if w.text in tables()["who"]), None)
    if who and not _is_pair(noun):
        return Plurality(2 if who == "dual" else None)
    if _is_enumeration(words, before):
        return Plurality(None)
    return _shape(noun, words, before, after, following)


def _is_filler(word: Token, index: int, words: list[Token]) -> bool:
    return index < len(words) - 1 and word.text in tables()["filler"]


def _is_enumeration(words: list[Token], before: str) -> bool:
    """`بين قتيل وجريح`: several outcomes, each in the singular, of people who are many."""
    outcomes = [word.text for word in words if lookup(word.text, "outcome")]
    between = any(word in tables()["between"] for word in [*before.split()[-1:], *(w.text for w in words)])
    return between and len(outcomes) > 1 and all(word.startswith("و") for word in outcomes[1:])


def _shape(noun: Token, words: list[Token], before: str, after: str, following: list[Token]) -> Plurality:
    if _DUAL_MARK.search(noun.raw.rstrip(_AFTER_LAST)):
        return Plurality(2)
    known = _lexical(noun.text, _is_feminine(noun))
    if known is not None:
        return Plurality(1 if known == "singular" else None)
    text = noun.text
    if text.endswith("ين") and len(text) > 4:
        return _oblique(noun, words, before, after)
    if text.endswith("ان") and len(text) > 4:
        return Plurality(2)
    if len(text) > 4 and text.endswith(("ون", "ات")):
        return Plurality(None)
    construct = _construct(noun, following)
    if construct is not None:
        return construct
    stems = [stem for stem in without_clitics(text) if _BROKEN.fullmatch(stem)]
    return Plurality(None) if stems else Plurality(1)


def _is_feminine(word: Token) -> bool:
    return word.raw.rstrip(_AFTER_LAST).endswith("ة")


@lru_cache(maxsize=1 << 14)
def _lexical(word: str, feminine: bool = False) -> str | None:
    """Whether the tables know a word as "singular" or "plural", clitics and a possessor cut or not.

    A `feminine` word ends in ة, which folds to the possessor ه and is none.
    """
    singulars, plurals = _nouns()
    for reading in without_clitics(word):
        if reading in plurals:
            return "plural"
        if reading in singulars or reading in tables()["singular"]:
            return "singular"
    for base in () if feminine else _without_possessive(word):
        if base in plurals or (len(base) > 4 and base.endswith("ات")):
            return "plural"
    return None


@cache
def _nouns() -> tuple[dict[str, bool], frozenset[str]]:
    """Singular -> whether its plural is only broken; and every plural."""
    singulars: dict[str, bool] = {}
    plurals = set(tables()["plural"])
    for singular, forms in tables()["noun"].items():
        many = forms.split()
        singulars[singular] = not any(form.endswith("ون") for form in many)
        plurals.update(form for form in many)
        plurals.update(form + "ا" for form in many if not form.endswith(("ون", "ي", "ا", "ء", "ه")))
    return singulars, frozenset(plurals)


def _without_possessive(word: str) -> list[str]:
    """Bases of a noun with a possessor: `قتلاهم` -> قتلي, `أبنائه` -> أبناء, `جثتيهما` -> جثتي."""
    bases = []
    for reading in without_clitics(word):
        for suffix in _POSSESSIVES:
            base = reading.removesuffix(suffix)
            if base != reading and len(base) >= 2 and not base.startswith("ال"):
                bases += [base, base[:-1] + "ي" if base.endswith("ا") else base]
                if base.endswith(("او", "اي")):
                    bases.append(base[:-1] + "ء")
    return bases


def _is_broken(stem: str) -> bool:
    singulars, _ = _nouns()
    feminine = stem[:-1] + "ه"
    return singulars.get(stem, False) or (stem.endswith("ت") and len(stem) > 2 and feminine != "ه")


def _is_pair(word: Token) -> bool:
    """Whether a word in `ين` can only be a dual, since its plural is broken: `رجلين`."""
    return word.text.endswith("ين") and any(_is_broken(r[:-2]) for r in without_clitics(word.text))


def _oblique(noun: Token, words: list[Token], before: str, after: str) -> Plurality:
    """`ين`: a dual by its mark, its stem or the words that agree with it; else a plural, flagged."""
    if _PLURAL_MARK.search(noun.raw):
        return Plurality(None)
    for word in _noun_and_adjectives(noun, words):
        if _is_pair(word):
            return Plurality(2)
        if word is not noun and _lexical(word.text) == "plural" and word.text not in tables()["other"]:
            return Plurality(None)
    agreed = _agreement(noun.text, before, after)
    if agreed != 0:
        return Plurality(agreed)
    in_row = noun.text.startswith("و") and not is_definite(noun.text)
    return Plurality(2 if in_row and any(map(_is_counted, before.split()[-2:])) else None, (AMBIGUOUS,))


def _noun_and_adjectives(noun: Token, words: list[Token]) -> list[Token]:
    rest = words[words.index(noun) + 1 :][:2]
    return [noun, *takewhile(lambda word: word.text not in tables()["filler"], rest)]


def _agreement(text: str, before: str, after: str) -> int | None:
    """2 for a dual, `None` for a plural, 0 where nothing near shows which."""
    last = before.split()[-1:]
    if last and lookup(last[0], "pair_before"):
        return 2
    clause, *more = _SENTENCE_END.split(after, maxsplit=1)
    if is_definite(text) and _names_two(clause + "." if more else clause):
        return 2
    for word in re.findall(r"\w+", clause)[:9]:
        if word.isdecimal() or lookup(word, "number"):
            return 0
        if lookup(word, "pair") or _PAIR_VERB.fullmatch(word):
            return 2
        if lookup(word, "many") or _MANY_VERB.fullmatch(word):
            return None
    return 0


def is_definite(text: str) -> bool:
    """Whether a folded word has the article."""
    return any(text.startswith(clitics) for clitics in ("ال", "وال", "بال", "لل", "فال"))


def _names_two(clause: str) -> bool:
    match = _NAMES.match(clause)
    if match is None:
        return False
    inner = re.findall(r"\w+", match[0].rstrip('،,.(«"- '))
    ends = tables()["name_end"]
    return not any(
        word in ends or lookup(word, "number") or _lexical(word) == "plural" for word in inner[:-1]
    )


def _is_counted(word: str) -> bool:
    """A singular or a certain dual: what stands in one row with it is as exact."""
    stems = [*without_clitics(word), *without_clitics(word.removesuffix("ا"))]
    singulars, _ = _nouns()
    return any(stem in singulars or (stem.endswith("ين") and _is_broken(stem[:-2])) for stem in stems)


def _construct(noun: Token, following: list[Token]) -> Plurality | None:
    """A noun that has lost its ن before an owner: `جثتي امرأتين`, `رجلا شرطة`, `مسلحي`, `ولداه`."""
    singulars, _ = _nouns()
    bare = without_clitics(noun.text)
    owned = [] if _is_feminine(noun) else [b for b in _without_possessive(noun.text) if len(b) > 3]
    if any(base[-1] in "اي" and _is_broken(base[:-1]) for base in owned):
        return Plurality(2)
    bases = [*bare, *owned]
    if any(base[-1] in "يو" and base[:-1] in tables()["sound"] for base in bases):
        return Plurality(None)
    if any(len(base) > 4 and base.endswith(("و", "يي")) for base in owned or bare[-1:]):
        return Plurality(None)
    if any(base[-1] == "ي" and base[:-1] in singulars for base in owned):
        return Plurality(None, (AMBIGUOUS,))
    if not following or not any(word[-1] in "اي" and _is_broken(word[:-1]) for word in bare):
        return None
    owner = following[0].text
    has_owner = owner.startswith("ال") or owner in tables()["complement"]
    return Plurality(2) if has_owner or any(word[-2:-1] == "ت" for word in bare) else None
