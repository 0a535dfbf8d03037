"""The tables of armed parties, as records: who they are, a state's bodies, nations, and class nouns.

`actors.tsv` lists parties with their spellings, `forces.tsv` the bodies of a state and `nations.tsv` the
nations that complete them, `actorwords.tsv` the nouns and adjectives around names. This module reads
them and makes keys of names; it resolves nothing.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources

from hasila.arabic import fold_text, without_clitics

Key = tuple[str, ...]

_UNMANNED = re.compile(r" (?:من )?ب?دون طيار")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Actor:
    """One armed party; `valid_from` and `valid_to` are inclusive days, `None` is open or unknown.

    `countries` are ISO 3166-1 alpha-2, the main one first; `body` names the state body it is
    (`army`, `police` ...), `parent` the id of the party it belongs to, `classes` the nouns that may
    stand for it alone (`التنظيم`).
    """

    id: str
    name: str
    arabic: str
    countries: tuple[str, ...]
    side: str
    kind: str
    parent: str | None = None
    valid_from: dt.date | None = None
    valid_to: dt.date | None = None
    body: str | None = None
    classes: frozenset[str] = frozenset()

    def fits(self, since: dt.date | None, until: dt.date | None) -> bool:
        """Whether it existed on some day from `since` to `until`, both included."""
        begun = self.valid_from is None or until is None or self.valid_from <= until
        return begun and (self.valid_to is None or since is None or since <= self.valid_to)


@dataclass(frozen=True, slots=True)
class Force:
    """A body of a state that a nationality completes, as `forces.tsv` lists it."""

    body: str
    suffix: str
    name: str
    kind: str
    parent: str | None


def read_actors(classes: dict[str, str]) -> Iterator[tuple[Actor, list[str]]]:
    """Every party with its spellings; `?` before one says that it needs evidence from the article."""
    for row in _table("actors.tsv"):
        spellings = _parts(row["spellings"])
        first = (key(spelling)[0] for spelling in spellings)
        yield (
            Actor(
                id=row["id"],
                name=row["name_en"],
                arabic=row["name_ar"],
                countries=tuple(row["country"].split(",")) if row["country"] else (),
                side=row["side"],
                kind=row["kind"],
                parent=row["parent"] or None,
                valid_from=_date(row["valid_from"]),
                valid_to=_date(row["valid_to"]),
                body=row["body"] or None,
                classes=frozenset(classes[word] for word in first if word in classes),
            ),
            spellings,
        )


def read_forces() -> Iterator[tuple[Force, list[str]]]:
    """Every body of a state with its spellings."""
    for row in _table("forces.tsv"):
        force = Force(row["body"], row["suffix"], row["name_en"], row["kind"], row["parent"] or None)
        yield force, _parts(row["spellings"])


def read_nations() -> Iterator[tuple[str, str, list[str], list[str]]]:
    """Every nation: ISO code, English name, Arabic names with capitals, adjectives (masculine singular)."""
    for row in _table("nations.tsv"):
        names = _parts(row["names"]) + _parts(row["capitals"])
        yield row["country"], row["name_en"], names, _parts(row["adjectives"])


def read_words() -> dict[str, dict[str, str]]:
    """The word families: each word to the form it stands for, mostly itself."""
    pairs = {row["family"]: row["words"].split() for row in _table("actorwords.tsv")}
    return {
        family: {word.partition("=")[0]: word.rpartition("=")[2] for word in words}
        for family, words in pairs.items()
    }


def key(text: str) -> Key:
    """The words of a name folded, without quotes, the article and `بدون طيار`."""
    folded = _UNMANNED.sub("", fold_text(text).replace("عبد ال", "عبدال"))
    return tuple(map(indefinite, _WORD.findall(folded)))


def variants(words: Key) -> Iterator[Key]:
    """`words` as they stand, then with the proclitics of the first cut away."""
    if words:
        first = dict.fromkeys(map(indefinite, without_clitics(words[0])))
        yield from ((reading, *words[1:]) for reading in first)


def indefinite(word: str) -> str:
    """A folded word without `ال`."""
    return word[2:] if word.startswith("ال") and len(word) > 3 and word != "الله" else word


def _parts(cell: str) -> list[str]:
    return [part for part in cell.split("|") if part]


def _table(name: str) -> Iterator[dict[str, str]]:
    text = (resources.files("hasila") / name).read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    header = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(header, line.split("\t"), strict=True))


def _date(cell: str) -> dt.date | None:
    return dt.date.fromisoformat(cell) if cell else None
