"""Casualty claims: each casualty span becomes a `Casualty` record with numbers, links, day, place, parties.

Puts together what `numerals`, `linking`, `dates`, `gazetteer` and `actors` say. It decides nothing that
they decide, repairs nothing and adds nothing up: what does not fit is flagged. The flags are
`count_unparsed`, `date_unresolved`, `place_unknown`, `actor_unknown`, `subset_larger`, `reference_cycle`,
and those of `Count`.
"""

from __future__ import annotations

import bisect
import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from hasila import actors, dates, gazetteer, linking, numerals
from hasila.document import Casualty, Count, Interval, Place, Span
from hasila.labels import is_casualty
from hasila.linker import Weights
from hasila.linking import Links

_CONTEXT = 90  # characters around a date span that may tell which day it means


def check_policy(policy: str) -> None:
    """Raise ValueError unless `policy` names one of `numerals.POLICIES`."""
    if policy not in numerals.POLICIES:
        raise ValueError(f"unknown policy {policy!r}: one of {', '.join(numerals.POLICIES)}")


def records(
    text: str,
    spans: Sequence[Span],
    published: dt.date | None,
    policy: str = "none",
    *,
    model: Weights | None = None,
) -> tuple[Casualty, ...]:
    """One record for each casualty span, in the order of `spans`; links are indexes into `spans`.

    `published` is the day of publication, without which relative dates stay unresolved. `policy` bounds
    vague counts (see `numerals.parse`). The record's score is the least of the span's own score (if it has
    one) and the probabilities of its links, status and victim class. `model` stands in for the embedded
    weights of the linker. Raises ValueError for an unknown
    policy, and nothing for whatever spans.
    """
    check_policy(policy)
    if not any(is_casualty(span.label) for span in spans):
        return ()
    counts = linking.count(text, spans)
    told = linking.count(text, spans, policy) if policy != "none" else counts
    reading = _Reading(spans, counts, told, _days(text, spans, published), *_names(text, spans, published))
    return tuple(_record(links, reading, policy) for links in linking.link(text, spans, counts, model))


@dataclass(frozen=True, slots=True)
class _Reading:
    """What each span of an article means, by its index; `told` are the counts under the policy asked for."""

    spans: Sequence[Span]
    counts: Sequence[Count | None]
    told: Sequence[Count | None]
    days: dict[int, Interval | None]
    places: dict[int, Place | None]
    parties: dict[int, str | None]


def _days(text: str, spans: Sequence[Span], published: dt.date | None) -> dict[int, Interval | None]:
    return {
        index: dates.resolve(
            span.text,
            published,
            text[max(0, span.start - _CONTEXT) : max(0, span.start)],
            text[span.end : span.end + _CONTEXT],
        )
        for index, span in enumerate(spans)
        if span.label == "DATE"
    }


def _names(
    text: str, spans: Sequence[Span], published: dt.date | None
) -> tuple[dict[int, Place | None], dict[int, str | None]]:
    """Places of the LOCATION and FACILITY spans, and parties of the ACTOR spans, by index."""
    located = [index for index, span in enumerate(spans) if span.label == "LOCATION"]
    named = gazetteer.load().resolve_all([spans[index].text for index in located])
    places = dict(zip(located, named, strict=True))
    countries = Counter(place.country for place in named if place and place.country)
    armed = [index for index, span in enumerate(spans) if span.label == "ACTOR"]
    order = [country for country, _ in countries.most_common()]
    parties = actors.load().resolve_all([spans[index].text for index in armed], published, order)
    known = sorted((spans[index].start, index) for index in located if places[index])
    facilities = {
        index: _around(text, spans, index, known, places)
        for index, span in enumerate(spans)
        if span.label == "FACILITY"
    }
    return places | facilities, dict(zip(armed, parties, strict=True))


def _around(
    text: str,
    spans: Sequence[Span],
    index: int,
    known: Sequence[tuple[int, int]],
    places: dict[int, Place | None],
) -> Place | None:
    """Where a facility lies: at the nearest LOCATION of its sentence, else at the last one before it.

    `known` are start and index of the LOCATION spans whose place is known, sorted.
    """
    own = spans[index]
    at = bisect.bisect(known, (own.start, index))
    beside = [other for _, other in known[max(0, at - 1) : at + 1]]
    near = [other for other in beside if _is_one_sentence(text, own, spans[other])]
    chosen = min(near, key=lambda other: _distance(own, spans[other]), default=beside[0] if at else None)
    place = None if chosen is None else places[chosen]
    return None if place is None else replace(place, precision="facility")


def _is_one_sentence(text: str, one: Span, other: Span) -> bool:
    between = text[min(one.end, other.end) : max(one.start, other.start)]
    return not any(sign in between for sign in (". ", ".\n", "\n", "؟", "!"))


def _distance(one: Span, other: Span) -> int:
    return max(one.start, other.start) - min(one.end, other.end)


def _record(links: Links, reading: _Reading, policy: str) -> Casualty:
    """The record of one casualty span; `spans` are the article's."""
    span, count = reading.spans[links.span], reading.told[links.span]
    place = None if links.where is None else reading.places.get(links.where)
    day = None if links.when is None else reading.days.get(links.when)
    scores = [links.score, *([] if span.score is None else [span.score])]
    of_actor = None if links.of is None else reading.parties.get(links.of)
    by_actor = None if links.by is None else reading.parties.get(links.by)
    return Casualty(
        span=links.span,
        start=span.start,
        end=span.end,
        label=span.label,
        text=span.text,
        score=round(min(scores), 4),
        min=count.min if count else None,
        max=count.max if count else None,
        kind=count.kind if count else None,
        policy=policy,
        status=_status(links, count),
        victim=links.victim,
        of=links.of,
        by=links.by,
        where=links.where,
        when=links.when,
        source=links.source,
        part_of=links.part_of,
        same_as=links.same_as,
        event=links.event,
        weapon=links.weapon,
        of_actor=of_actor,
        by_actor=by_actor,
        date=day,
        place=place,
        flags=tuple(dict.fromkeys((*links.flags, *_flags(links, reading, (place, day, of_actor, by_actor))))),
        evidence=links.evidence,
    )


def _status(links: Links, count: Count | None) -> str:
    """The linker's status, but a claim that nobody was harmed is a denial, as the scheme has it."""
    return "negated" if count is not None and count.max == 0 else links.status


def _flags(links: Links, reading: _Reading, found: tuple[object, object, object, object]) -> list[str]:
    """What is doubtful in a record: what could not be read, and numbers that do not fit together."""
    count = reading.told[links.span]
    place, day, of_actor, by_actor = found
    whole = None if links.part_of is None else reading.counts[links.part_of]
    part = reading.counts[links.span]
    checks = (
        ("count_unparsed", count is None),
        ("place_unknown", links.where is not None and place is None),
        ("date_unresolved", links.when is not None and day is None),
        ("actor_unknown", (links.of is not None and not of_actor) or (links.by is not None and not by_actor)),
        ("subset_larger", _is_larger(part, whole)),
    )
    return [*(count.flags if count else ()), *(name for name, is_so in checks if is_so)]


def _is_larger(part: Count | None, whole: Count | None) -> bool:
    if part is None or whole is None or whole.max is None:
        return False
    least = part.min if part.min is not None else part.max
    return least is not None and least > whole.max
