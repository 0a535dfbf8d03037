"""What an Arabic place name says besides the name: clitics, class nouns, directions, and the bare name.

`readings` lists the ways to read a span such as `وبريف حلب الغربي`, each with the key to look up
and the class of the nouns before it. Which reading is a place is for the gazetteer to say.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from hasila.arabic import fold_text

_WORD = re.compile(r"[^\W_]+")

# Class nouns, by the kind of place they stand before; dual, plural and construct forms spelled out.
_CLASSES = {
    "governorate": "محافظة محافظتي محافظتا محافظات ولاية ولايتي ولايات إقليم إقليمي أقاليم إمارة",
    "district": "قضاء قضاءي أقضية مديرية مديريتي مديرتي مديريات ناحية ناحيتي معتمدية محلية دائرة مركز لواء"
    " عزلة",
    "area": "منطقة منطقتي منطقتا مناطق مقاطعة مقاطعتي حاكمية قطاع بادية",
    "town": "مدينة مدينتي مدينتا مدن عاصمة العاصمة",
    "village": "بلدة بلدتي بلدات قرية قريتي قرى بلدية بلديتي قريبة واحة منشية",
    "quarter": "حي حيي حيا أحياء ضاحية ضاحيتي حارة حارات محلة مجمع مساكن",
    "camp": "مخيم مخيمي مخيمات معسكر",
    "settlement": "مستوطنة مستوطنتي مستوطنات مستعمرة المستعمرة كيبوتس البؤرة الاستيطانية",
    "natural": "جبل جبلي جبال سلسلة وادي تل تلة تلال تلول سهل هضبة جزيرة جزر مرتفعات غابة صحراء نهر بحيرة"
    " حوض",
    "rural": "ريف ريفي أرياف غوطة",
    "around": "ضواحي ضاحية محيط أطراف جرود جرد ساحل جبهة جبهات محور محوري محاور قاطع موقع عمليات أراضي",
    "state": "دولة جمهورية مملكة سلطنة الأراضي",
}
_DIRECTIONS = "شمال جنوب شرق غرب شمالي جنوبي شرقي غربي وسط أقصى أقصي"
_TAIL = (
    "الشمالي الجنوبي الشرقي الغربي الشمالية الجنوبية الشرقية الغربية الأوسط الوسطى الساحلي الأعلى الأدنى"
    " المدينة القديمة القديم الحدودية الحدودي المحتلة المحتل القبلية القبلي الساحلية الصحراوية السياحية"
    " الدمشقي السورية السوري العراقية اليمنية الليبية الفلسطينية اللبنانية الروسية التركية الأفغانية"
)
# What such a name names is not the place it is called after, so nothing is taken off it.
_STREETS = "شارع ساحة ميدان دوار طريق الطريق تقاطع مفرق مستديرة جولة سوق جادة كورنيش الحدود للحدود تبة خط جسر"
_RURAL = "ريف الريف ريفها"
_URBAN = "أحياء الأحياء ضواحي الضواحي القديمة البلدة المدينة"
_PREFIXES = ("", "و", "ف", "ب", "ل", "ك", "وب", "ول", "فب", "بـ")


def _set(words: str) -> frozenset[str]:
    return frozenset(fold_text(words).split())


CLASS_OF = {word: name for name, words in _CLASSES.items() for word in _set(words)}
DIRECTIONS, TAIL, STREETS = _set(_DIRECTIONS), _set(_TAIL), _set(_STREETS)
RURAL, URBAN = _set(_RURAL), _set(_URBAN)


@dataclass(frozen=True, slots=True)
class Reading:
    """A key to look up, the innermost class noun before it (`""`: none), and how much was taken off."""

    key: str
    noun: str
    cost: float


def key(name: str) -> str:
    """What names are looked up by: folded, without spaces, signs, lone hamzas and each word's `ال`."""
    return _join(_WORD.findall(fold_text(name)))


def _join(words: Iterable[str]) -> str:
    return "".join(word[2:] if word[:2] == "ال" and len(word) > 3 else word for word in words).replace(
        "ء", ""
    )


@lru_cache(maxsize=4096)
def readings(name: str) -> tuple[Reading, ...]:
    """The ways to read `name`, each key once for each class noun, those that take off least first."""
    words = _WORD.findall(fold_text(name))
    found: dict[tuple[str, str], Reading] = {}
    for reading in _all_readings(words):
        if len(reading.key) > 1:
            found.setdefault((reading.key, reading.noun), reading)
    return tuple(sorted(found.values(), key=lambda reading: reading.cost))


@lru_cache(maxsize=4096)
def relative(name: str) -> str | None:
    """`rural` or `urban` where `name` only makes sense beside another place: `بالريف الغربي`."""
    words = _WORD.findall(fold_text(name))
    for start in _starts(words):
        for kind, heads in (("rural", RURAL), ("urban", URBAN)):
            if start[0] in heads and all(
                word in TAIL or word in heads or word[1:] in TAIL for word in start[1:]
            ):
                return kind if len(start) > 1 or start[0] == "ريفها" else None
    return None


def _starts(words: list[str]) -> Iterator[list[str]]:
    """`words` as they are, then with each proclitic that the first may carry cut off."""
    if not words:
        return
    first, rest = words[0], words[1:]
    for prefix in _PREFIXES:
        if first.startswith(prefix) and len(first) > len(prefix) + 1:
            yield [first[len(prefix) :], *rest]
            if prefix.endswith("ل") and first.startswith(prefix + "ل"):
                yield ["ا" + first[len(prefix) :], *rest]


def _all_readings(words: list[str]) -> Iterator[Reading]:
    for step, start in enumerate(_starts(words)):
        cost = 0.0 if step == 0 else 0.8
        yield Reading(_join(start), "", cost)
        if start[0] in STREETS:
            continue
        yield from _peeled(start, cost)
        if start[0] in RURAL or start[0] in URBAN or start[0] in CLASS_OF:
            yield from _contained(start, cost)


def _peeled(words: list[str], cost: float) -> Iterator[Reading]:
    """Class nouns and directions off the front, one after another, then adjectives off the end."""
    noun = ""
    while True:
        end = len(words)
        while end > 1 and words[end - 1] in TAIL:
            end -= 1
            yield Reading(_join(words[:end]), noun or "part", cost + 0.5 * (len(words) - end))
        head = words[0]
        if len(words) == 1 or (head not in CLASS_OF and head not in DIRECTIONS):
            return
        noun = CLASS_OF.get(head, noun or "part")
        words, cost = words[1:], cost + 1.5
        yield Reading(_join(words), noun, cost)
        if words[0][0] in "بل" and len(words[0]) > 3:
            yield Reading(_join([words[0][1:], *words[1:]]), "around", cost + 0.8)


def _contained(words: list[str], cost: float) -> Iterator[Reading]:
    """`الأحياء الشرقية لمدينة حلب`, `حي X في حلب`: the place that the rest lies in."""
    for index in range(1, len(words)):
        word = words[index]
        rest = (
            words[index + 1 :] if word == "في" else [word[1:], *words[index + 1 :]] if word[0] == "ل" else []
        )
        if word.startswith("لل"):
            rest = ["ا" + word[1:], *words[index + 1 :]]
        if rest and len(rest[0]) > 2:
            yield Reading(_join(rest), "part", cost + 1)
            for reading in _peeled(rest, cost + 1):
                yield Reading(reading.key, "part" if reading.noun == "town" else reading.noun, reading.cost)
