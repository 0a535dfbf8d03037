"""Whether a noun phrase without a number means one, two or many, and whether its sentence denies it.

The words stand in `numerals.tsv` (columns table, form, value), which this module loads for itself and
for `numerals`; short functions interpret them. Arabic writes the dual and the sound plural of most
nouns alike in the oblique case (`مدنيين`): marks, broken plurals and the agreement of the words around
decide, and where they are silent the reading is the plural, flagged. Numbers are not read here, and
neither is the status of a claim, though the tables of denial are shared with whoever reads it.
"""

from __future__ import annotations

import re
from collections import defaultdict
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path

from hasila.arabic import fold, fold_text, without_clitics

AMBIGUOUS = "dual_or_plural"

# A run of digits with its separators, a run of letters, or one sign that numbers may need.
_TOKEN = re.compile(
    r"(?P<digits>\d{1,3}(?:[,،٬'’]\d{3})+(?:[.٫]\d+)?(?!\d)|\d{1,3}(?:\.\d{3})+(?!\d)"
    r"|(?<!\d)\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)|\d+(?:[.,٫]\d+)?)"
    r"|(?P<letters>[^\W\d_]+)|(?P<sign>[-–—%٪/])"
)
_DUAL_MARK = re.compile("\u064e\u0651?[يى]\u0652?[نّ]|[يى]\u0651?\u064e\u0651?[يى]\u0652?ن")
_PLURAL_MARK = re.compile("\u0650[يى]ن")
_BROKEN = re.compile(r"ا\w\wا[^ءه]|\w{3,}اء|[^ا]\wا\wي[^هاني]")
_MANY_VERB = re.compile(r"\w{2,}وا|ي\w{2,}ون")
_PAIR_VERB = re.compile(r"ي\w{2,}ان|\w{2,}هما")
_SENTENCE_END = re.compile(r"[.؛;!?؟\n\r]")
_POSSESSIVES = ("هما", "كما", "هم", "هن", "نا", "كم", "ها", "ه", "ي", "ك")
_GAP = r"(?:\s+[«\"“(]*\w+[»\"”)]*)"


@dataclass(frozen=True, slots=True)
class Token:
    """A word of a phrase: folded, as written, with its offsets in the folded phrase and its class."""

    text: str
    raw: str
    start: int
    end: int
    kind: str


@dataclass(frozen=True, slots=True)
class Plurality:
    """1, 2 or `None` for many, and what was doubtful about it."""

    count: int | None
    flags: tuple[str, ...] = ()


@cache
def tables() -> dict[str, dict[str, str]]:
    """`numerals.tsv` as table -> folded form -> value. Raises ValueError on a row of another shape."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    path = Path(__file__).with_name("numerals.tsv")
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if line and not line.startswith("#"):
            table, form, value = line.split("\t")
            found[table][fold_text(form)] = value
    return dict(found)


def tokens(phrase: str) -> list[Token]:
    """The numbers, words and signs of `phrase`, in order; quotes and brackets are left out."""
    folded = fold(phrase)
    return [
        Token(match[0], phrase[slice(*folded.source(*match.span()))], *match.span(), match.lastgroup or "")
        for match in _TOKEN.finditer(folded.text)
    ]


@lru_cache(maxsize=4096)
def lookup(word: str, table: str) -> str | None:
    """The first reading of a folded word, clitics cut or not, that `table` knows."""
    forms = tables().get(table, {})
    return next((reading for reading in without_clitics(word) if reading in forms), None)


def plurality(words: list[Token], before: str = "", after: str = "") -> Plurality | None:
    """What the first noun of `words` says; `None` where there is no noun.

    `before` and `after` are the folded text around the phrase, for the agreement of `ين`.
    """
    words = [word for word in words if word.kind == "letters"]
    head = next((i for i, word in enumerate(words) if not _is_filler(word, i, words)), None)
    if head is None:
        return None
    noun, following = words[head], words[head + 1 :]
    if lookup(words[0].text, "one_of"):
        return Plurality(1)
    if any(lookup(word.text, "all") for word in words[: head + 1]) and following:
        return Plurality(None)
    who = next((tables()["who"][w.text] for w in following[:1] if w.text in tables()["who"]), None)
    if who:
        return Plurality(2 if who == "dual" else None)
    if _is_enumeration(words):
        return Plurality(None)
    return _shape(noun, words, before, after, following)


def _is_filler(word: Token, index: int, words: list[Token]) -> bool:
    return index < len(words) - 1 and word.text in tables()["filler"]


def _is_enumeration(words: list[Token]) -> bool:
    """`قتيل وجريح ومستسلم`: several outcomes, each in the singular, of people who are many."""
    outcomes = [i for i, word in enumerate(words) if lookup(word.text, "outcome")]
    joined = [i for i in outcomes[1:] if words[i].text.startswith("و")]
    return len(outcomes) > 1 and len(joined) == len(outcomes) - 1 and (
        len(outcomes) > 2 or any(word.text.endswith("بين") and len(word.text) < 5 for word in words)
    )


def _shape(
    noun: Token, words: list[Token], before: str, after: str, following: list[Token]
) -> Plurality:
    known = _lexical(noun.text)
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


@lru_cache(maxsize=4096)
def _lexical(word: str) -> str | None:
    """"singular" or "plural" where the tables know the word, with or without clitics and a possessor."""
    singulars, plurals = _nouns()
    for reading in without_clitics(word):
        if reading in plurals:
            return "plural"
        if reading in singulars or reading in tables()["singular"]:
            return "singular"
    for base in _without_possessive(word):
        if base in plurals or (len(base) > 4 and base.endswith("ات")):
            return "plural"
    return None


@cache
def _nouns() -> tuple[dict[str, bool], frozenset[str]]:
    """Singular -> whether its plural is only broken; and every plural."""
    singulars: dict[str, bool] = {}
    plurals = set(tables()["plural"])
    for singular, forms in tables()["noun"].items():
        many = fold_text(forms).split()
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
            if base != reading and len(base) >= 2:
                bases += [base, base[:-1] + "ي" if base.endswith("ا") else base]
                if base.endswith(("او", "اي")):
                    bases.append(base[:-1] + "ء")
    return bases


def _is_broken(stem: str) -> bool:
    singulars, _ = _nouns()
    feminine = stem[:-1] + "ه"
    return singulars.get(stem, False) or (stem.endswith("ت") and len(stem) > 2 and feminine != "ه")


def _oblique(noun: Token, words: list[Token], before: str, after: str) -> Plurality:
    """`ين`: a dual by its mark, its stem or the words that agree with it; else a plural, flagged."""
    if _DUAL_MARK.search(noun.raw[-6:]):
        return Plurality(2)
    if _PLURAL_MARK.search(noun.raw[-5:]):
        return Plurality(None)
    for word in words:
        if word.text.endswith("ين") and any(_is_broken(r[:-2]) for r in without_clitics(word.text)):
            return Plurality(2)
        if word is not noun and _lexical(word.text) == "plural":
            return Plurality(None)
    agreed = _agreement(before, after)
    return Plurality(agreed) if agreed != 0 else Plurality(None, (AMBIGUOUS,))


def _agreement(before: str, after: str) -> int | None:
    """2 for a dual, `None` for a plural, 0 where nothing near shows which."""
    last = before.split()[-1:]
    if last and lookup(last[0], "pair_before"):
        return 2
    clause = _SENTENCE_END.split(after, maxsplit=1)[0]
    for word in re.findall(r"\w+", clause)[:9]:
        if lookup(word, "pair") or _PAIR_VERB.fullmatch(word):
            return 2
        if lookup(word, "many") or _MANY_VERB.fullmatch(word):
            return None
    return 0


def _construct(noun: Token, following: list[Token]) -> Plurality | None:
    """A noun that has lost its ن before an owner: `جثتي امرأتين`, `رجلا شرطة`, `مسلحي`, `ولداه`."""
    owned = [base for base in _without_possessive(noun.text) if base[-1] in "اي" and len(base) > 3]
    if any(_is_broken(base[:-1]) for base in owned):
        return Plurality(2)
    bare = without_clitics(noun.text)
    bases = [base for base in bare + owned + _without_possessive(noun.text) if base[-1] in "يو"]
    if any(base[:-1] in tables()["sound"] for base in bases):
        dual = _DUAL_MARK.search(noun.raw + "ن") and not owned
        return Plurality(2) if dual else Plurality(None)
    if following and any(word[-1] in "اي" and _is_broken(word[:-1]) for word in bare):
        owner = following[0].text
        if any(word[-2:-1] == "ت" for word in bare) or owner.startswith("ال") or owner in tables()["complement"]:
            return Plurality(2)
    return None
