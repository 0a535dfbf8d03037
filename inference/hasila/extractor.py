"""The public face: an article in, a `Document` out.

from hasila import Extractor
document = Extractor()("قتل ثلاثة مدنيين في قصف على حلب", date="2016-10-06")
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from hasila import casualties, dates, models
from hasila.document import Casualty, Document
from hasila.labels import LINKS
from hasila.tagger import Tagger

MAX_CHARACTERS = 20_000_000


class Extractor:
    """Reads articles with one model; safe to keep for many calls.

    `model` is an embedded name or a folder. `policy` bounds vague counts (`none` leaves them open).
    `min_score` drops spans below it, and empties the links that pointed to them.
    """

    def __init__(self, model: str = models.DEFAULT, *, policy: str = "none", min_score: float = 0.0) -> None:
        if not 0.0 <= min_score <= 1.0:
            raise ValueError(f"min_score {min_score} is not between 0 and 1")
        casualties.check_policy(policy)
        self._tagger = Tagger.from_pretrained(model)
        self._policy = policy
        self._min_score = min_score

    @property
    def model(self) -> str:
        """Name and version that the documents state."""
        return self._tagger.model.title

    def __call__(
        self,
        text: str,
        date: dt.date | str | None = None,
        *,
        id: str = "text",
        meta: Mapping[str, Any] | None = None,
    ) -> Document:
        """Read one article. `date` is its day of publication (a date or `YYYY-MM-DD`).

        Raises TypeError if `text` is no string, ValueError if it has more than 20 million characters
        or the date cannot be read.
        """
        if not isinstance(text, str):
            raise TypeError(f"text is {type(text).__name__}, not str")
        if len(text) > MAX_CHARACTERS:
            raise ValueError(f"{len(text)} characters are more than {MAX_CHARACTERS}")
        given = dt.date.fromisoformat(date) if isinstance(date, str) else date
        if isinstance(given, dt.datetime):
            given = given.date()
        published, origin = dates.publication_date(text, given)
        tagged = self._tagger.tag(text)
        claims = casualties.records(text, tagged.spans, published, self._policy)
        document = Document(
            id=id,
            text=text,
            spans=tagged.spans,
            casualties=claims,
            date=published,
            date_from=origin,
            model=self.model,
            sha256=hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest(),
            meta=dict(meta or {}),
            notes=tagged.notes,
        )
        return without_below(document, self._min_score) if self._min_score else document


def without_below(document: Document, score: float) -> Document:
    """`document` without the spans under `score`; links that pointed to one become `None`."""
    kept = [i for i, span in enumerate(document.spans) if span.score is None or span.score >= score]
    place = {old: new for new, old in enumerate(kept)}
    claims = tuple(_moved(claim, place) for claim in document.casualties if claim.span in place)
    spans = tuple(document.spans[index] for index in kept)
    dropped = len(document.spans) - len(spans)
    notes = (*document.notes, f"{dropped} spans scored below {score}") if dropped else document.notes
    return replace(document, spans=spans, casualties=claims, notes=notes)


def _moved(claim: Casualty, place: Mapping[int, int]) -> Casualty:
    links: dict[str, Any] = {
        name: place.get(target) for name in LINKS if (target := getattr(claim, name)) is not None
    }
    return replace(claim, span=place[claim.span], **links)
