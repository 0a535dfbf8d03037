"""What the name of an armed party can mean before date and place are asked.

`Names.read` sees through clitics, quotes, the article, class nouns (`تنظيم`, `ميليشيا`), words of allegiance
and trailing adjectives, and composes a state's bodies with its nationality (`الجيش X`, `شرطة X`, `طائرات X`)
from the tables that `parties.py` reads. Which of its candidates is meant is decided in `actors.py`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from hasila.parties import (
    Actor,
    Force,
    Key,
    indefinite,
    key,
    read_actors,
    read_forces,
    read_nations,
    read_words,
    variants,
)

_ARMS = re.compile(
    r"\d+|مشاه|مدرع.?|ميكانيكي.?|مدفعيه|دبابات|صواريخ|معزز|مظلي.?|"
    r"(?:اول|ثان|ثالث|رابع|خامس|سادس|سابع|ثامن|تاسع|عاشر|عشر|ثلاث|اربع)\w*"
)
_ENDINGS = ("", "ه", "ين", "ون", "ان", "ات", "تين", "تان")
_MAX_DEPTH = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """The candidates of a name.

    `rows` are parties, each with whether it needs evidence from the article; `body` and `nations` are
    a state's body and whose it is; `noun` is the class noun the name begins with, `alone` that it is
    the whole name.
    """

    rows: tuple[tuple[Actor, bool], ...] = ()
    body: str | None = None
    nations: tuple[str, ...] = ()
    noun: str | None = None
    alone: bool = False

    @property
    def is_name(self) -> bool:
        """Whether it names its party, rather than describes one that the article must supply."""
        sure = any(not weak for _, weak in self.rows)
        return (sure or bool(self.body and self.nations)) and not self.alone


class Names:
    """The tables, indexed. Reading them takes some 50 ms; a name after that, tens of microseconds."""

    def __init__(self) -> None:
        self._words = read_words()
        self.rows: dict[str, Actor] = {}
        self.forces: dict[str, Force] = {}
        self.countries: dict[str, str] = {}
        self._nations: dict[Key, str] = {}
        self._bodies: dict[Key, str] = {}
        self._index: dict[Key, tuple[tuple[Actor, bool], ...]] = {}
        self._index_nations()
        self._index_forces()
        self._index_actors()

    def read(self, name: str) -> Reading:
        """The candidates of `name`, the raw text of an ACTOR span; an empty reading if there are none."""
        for words in variants(key(name)):
            reading = self._read(words, _MAX_DEPTH)
            if reading is not None:
                return reading
        return Reading()

    def _read(self, words: Key, depth: int) -> Reading | None:
        if not words or depth == 0:
            return None
        for rule in (self._exact, self._state_body, self._modified, self._nation):
            reading = rule(words)
            if reading is not None:
                return reading
        return self._headed(words, depth) or self._unit(words) or self._placed_body(words)

    def _exact(self, words: Key) -> Reading | None:
        """`حزب الله`, `الجيش`, `التنظيم`."""
        rows, body = self._index.get(words, ()), self._bodies.get(words)
        noun = self._noun(words)
        alone = len(words) == 1 and noun is not None
        if not (rows or body or alone):
            return None
        return Reading(rows, body, self._nations_in(words) if rows else (), noun, alone)

    def _state_body(self, words: Key) -> Reading | None:
        """`الجيش العراقي`, `القوات الخاصة الأمريكية`."""
        for end in range(min(len(words) - 1, 5), 0, -1):
            if words[:end] in self._bodies:
                nations = self._parse_nations(words[end:])
                if nations:
                    return Reading(body=self._bodies[words[:end]], nations=nations)
        return None

    def _modified(self, words: Key) -> Reading | None:
        """`حزب الله اللبناني`, `المعارضة السورية المسلحة`: a name or a body with adjectives after it."""
        for end in range(len(words) - 1, 0, -1):
            rows, body = self._index.get(words[:end], ()), self._bodies.get(words[:end])
            nations = self._parse_nations(words[end:]) if rows or body else None
            if nations:
                rows = tuple(row for row in rows if set(row[0].countries) & set(nations))
            if nations is not None and (rows or body):
                return Reading(rows, body, nations, self._noun(words))
        return None

    def _nation(self, words: Key) -> Reading | None:
        """`إسرائيل`, `والروسية`: a state that fights."""
        nations = self._parse_nations(words)
        return Reading(body="army", nations=nations) if nations else None

    def _headed(self, words: Key, depth: int) -> Reading | None:
        """`مسلحي حركة X`, `القوات الموالية لـX`, `طيران X`: whatever X is."""
        for end in range(min(len(words) - 1, 4), 0, -1):
            head = words[:end]
            body = self._bodies.get(head)
            if body is None and not (end == 1 and (self._is_head(head[0]))):
                continue
            reading = self._follow(words[end:], depth)
            if reading is None or not (reading.rows or reading.nations):
                continue
            owner = next((actor for actor, weak in reading.rows if not weak), None)
            if body in self._words["placed_body"] and owner and owner.kind == "state_forces":
                return Reading(body=body, nations=owner.countries[:1])
            return replace(reading, noun=self._noun(words), alone=False)
        return None

    def _follow(self, words: Key, depth: int) -> Reading | None:
        allegiances = self._words["allegiance"]
        skippable = allegiances | self._words["link"]
        skipped = 0
        while skipped < len(words) and words[skipped] in skippable:
            skipped += 1
        patron = any(word in allegiances for word in words[:skipped])
        for variant in variants(words[skipped:]):
            reading = self._read(variant, depth - 1)
            if reading is not None and not (patron and not reading.rows):
                return reading
        return None

    def _unit(self, words: Key) -> Reading | None:
        """`اللواء 135 مشاة`: a numbered unit is its country's army."""
        armed = words[0] in self._words["unit"] and any(_ARMS.fullmatch(word) for word in words[1:])
        return Reading(body="army", nations=self._nations_in(words)) if armed else None

    def _placed_body(self, words: Key) -> Reading | None:
        """`شرطة محافظة الأنبار`: of a place whose country the article tells."""
        for end in range(min(len(words) - 1, 4), 0, -1):
            body, rest = self._bodies.get(words[:end]), words[end:]
            placed = rest[0] in self._words["place"] or (len(rest) <= 2 and not rest[0].endswith("يه"))
            if body in self._words["placed_body"] and placed:
                return Reading(body=body)
        return None

    def _nations_in(self, words: Key) -> tuple[str, ...]:
        return tuple(self._nations[(word,)] for word in words if (word,) in self._nations)

    def _parse_nations(self, words: Key) -> tuple[str, ...] | None:
        """The nations of words that are all nations or adjectives; `None` if one is neither."""
        nations: list[str] = []
        start = 0
        while start < len(words):
            size = next((n for n in (3, 2, 1) if self._nation_at(words[start : start + n], n)), 0)
            if size:
                nations.append(self._nation_at(words[start : start + size], size))
            elif not self._is_modifier(words[start]):
                return None
            start += size or 1
        return tuple(nations)

    def _nation_at(self, words: Key, size: int) -> str:
        if len(words) < size:
            return ""
        plain = self._nations.get(words, "")
        if plain or size > 1 or words[0][0] not in "ول":
            return plain
        return self._nations.get((indefinite(words[0][1:]),), "")

    def _noun(self, words: Key) -> str | None:
        return self._words["class"].get(words[0])

    def _is_head(self, word: str) -> bool:
        # A battalion that bears a party's name (`كتيبة الفتح`) is not that party.
        words = self._words
        return (word in words["class"] and word not in words["unit"]) or word in words["carrier"]

    def _is_modifier(self, word: str) -> bool:
        return any(word[: len(word) - cut] in self._words["modifier"] for cut in (0, 1, 2))

    def _index_nations(self) -> None:
        for nation, name, names, adjectives in read_nations():
            self.countries[nation] = name
            for *start, last in map(key, adjectives):
                for ending in _ENDINGS:
                    self._nations.setdefault((*start, last + ending), nation)
            for spelling in names:
                self._nations.setdefault(key(spelling), nation)

    def _index_forces(self) -> None:
        for force, spellings in read_forces():
            self.forces[force.body] = force
            for spelling in spellings:
                self._bodies.setdefault(key(spelling), force.body)

    def _index_actors(self) -> None:
        for actor, spellings in read_actors(self._words["class"]):
            self.rows[actor.id] = actor
            for spelling in spellings:
                known = self._index.get(key(spelling), ())
                if all(other.id != actor.id for other, _ in known):
                    self._index[key(spelling)] = (*known, (actor, spelling.startswith("?")))
