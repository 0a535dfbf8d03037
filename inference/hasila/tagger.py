"""A text in, its spans out: tokenizer, windows, engine and decoding put together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hasila import decode, engines, models, windows
from hasila.document import Span
from hasila.labels import TAGS
from hasila.models import Model, ModelError

WINDOW = 256  # pieces a window, special tokens included
OVERLAP = 64  # pieces that neighbouring windows share


@dataclass(frozen=True, slots=True)
class Tagged:
    """The spans of a text, and notes on what of it could not be read."""

    spans: tuple[Span, ...]
    notes: tuple[str, ...]


class Tagger:
    """Tags texts with one model. Build it with `from_pretrained`."""

    def __init__(self, model: Model, tokenizer: Any, engine: engines.Engine) -> None:
        self.model = model
        self._tokenizer = tokenizer
        self._engine = engine
        self._prefix, self._suffix = windows.frame(tokenizer)
        self._columns = np.asarray(model.columns)

    @classmethod
    def from_pretrained(cls, name: str = models.DEFAULT) -> Tagger:
        """Load an embedded model by name, or a model folder. Raises ModelError."""
        from tokenizers import Tokenizer

        model = models.load(name)
        path = model.folder / "tokenizer.json"
        try:
            tokenizer = Tokenizer.from_file(str(path))
        except Exception as error:  # tokenizers raises bare Exception
            raise ModelError(f"{path}: {error}") from error
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(model, tokenizer, engines.open_engine(model))

    def tag(self, text: str) -> Tagged:
        """All spans of `text`, sorted, never overlapping, `text[start:end] == span.text` for each."""
        pieces = windows.encode(self._tokenizer, text)
        logits = self.logits(pieces)
        found = decode.spans(text, pieces.words, logits, self.model.temperature)
        return Tagged(tuple(found), _notes(text, pieces))

    def logits(self, pieces: windows.Pieces) -> windows.Logits:
        """Logits (words, tags in the order of `labels.TAGS`)."""
        size = WINDOW - len(self._prefix) - len(self._suffix)
        cuts = windows.cut(pieces, size, OVERLAP)
        answers = [self._answer(pieces.ids[cut.start : cut.end]) for cut in cuts]
        return windows.merge(pieces, cuts, answers, len(TAGS))

    def _answer(self, ids: tuple[int, ...]) -> windows.Logits:
        framed = self._engine.logits((*self._prefix, *ids, *self._suffix))
        kept: windows.Logits = framed[len(self._prefix) : len(self._prefix) + len(ids)][:, self._columns]
        return kept


def _notes(text: str, pieces: windows.Pieces) -> tuple[str, ...]:
    notes = []
    if pieces.dropped:
        notes.append(f"{pieces.dropped} pieces inside overlong words were not read")
    if not windows.is_clean(text):
        notes.append("lone surrogates were read as U+FFFD")
    return tuple(notes)
