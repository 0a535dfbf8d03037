"""Raw articles for masked language modelling: which of a corpus are read, and their windows.

Left out are the documents of dev and test (by id and by sha256), repeated texts, and, where the recipe
asks for conflict news, most of what is not. Everything left out is counted. The windows are made once a
run and kept in its folder, so that a resumed run reads the very same ones.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from datasets import Dataset, Features, List, Value, load_from_disk
from tokenizers import Tokenizer

from hasila.arabic import fold_text
from hasila.windows import Pieces, cut, encode, frame
from training import corpora
from training.gold import GoldDocument

NO_WORD = -1  # the word of a special piece
SHORTEST = 8  # pieces; a shorter rest of an article has too little around a hidden word

# Beginnings of folded words. One alone proves nothing (a team attacks, a film explodes); three do.
CONFLICT_STEMS = (
    *("قتل", "قتيل", "مقتل", "مصرع", "ضحايا", "جثث", "مجزره", "مذبحه", "شهيد", "شهدا", "استشهد", "اغتيال"),
    *("جرح", "جريح", "مصاب", "اصيب", "نازح", "نزوح", "مختطف", "اختطاف", "اسري", "اعتقل", "اعتقال", "معتقل"),
    *("قصف", "غاره", "غارات", "صاروخ", "صواريخ", "قذيف", "قذايف", "هاون", "مدفعي", "دبابات", "طايرات"),
    *("انفجار", "تفجير", "مفخخ", "عبوه", "انتحاري", "اشتباك", "معارك", "معركه", "هجوم", "هجمات", "كمين"),
    *("مسلح", "ميليشي", "متمرد", "ارهاب", "داعش", "جنود", "مقاتل", "حصار", "محاصر"),
)
_CONFLICT = re.compile(rf"(?<!\w)[وف]?[بلك]?(?:ال|لل)?(?:{'|'.join(CONFLICT_STEMS)})")


@dataclass(frozen=True, slots=True)
class Choice:
    """Which articles are read: never those `held` (ids and sha256 digests); those with at least `hits`
    conflict words (0: all); and of the rest the share `others`, the same ones every time."""

    held: frozenset[str]
    hits: int
    others: float


def is_conflict(text: str, hits: int) -> bool:
    """Whether `text` has at least `hits` words of conflict."""
    found = _CONFLICT.finditer(fold_text(text))
    return sum(1 for _ in itertools.islice(found, hits)) >= hits


def held_out(documents: Iterable[GoldDocument]) -> frozenset[str]:
    """Ids and sha256 digests of the gold's dev and test documents."""
    closed = [d for d in documents if d.part != "train"]
    return frozenset(name for d in closed for name in (d.id, d.sha256))


def choose(found: Iterable[tuple[str, str]], choice: Choice, tally: Counter[str]) -> Iterator[str]:
    """Texts to read, of (id, text) pairs; what becomes of each is added to `tally`."""
    seen: set[str] = set()
    for identity, text in found:
        digest = corpora.sha256(text)
        if identity in choice.held or digest in choice.held:
            fate = "of dev or test"
        elif digest in seen:
            fate = "repeated"
        elif is_conflict(text, choice.hits):
            fate = "conflict"
        else:
            fate = "others" if int(digest[:8], 16) / 2**32 < choice.others else "left out"
        tally[fate] += 1
        seen.add(digest)
        if fate in ("conflict", "others"):
            yield text


def windows_of(tokenizer: Tokenizer, texts: Iterable[str], window: int) -> Iterator[dict[str, Any]]:
    """Rows `input_ids`, `words` (each piece's word, from 0 in its window, or NO_WORD) and `length`."""
    prefix, suffix = frame(tokenizer)
    around = len(prefix) + len(suffix)
    for text in texts:
        pieces = encode(tokenizer, text)
        words = piece_words(pieces)
        for part in cut(pieces, window - around, 0):
            if part.end - part.start < SHORTEST:
                continue
            inner = words[part.start : part.end]
            numbers = np.where(inner < 0, NO_WORD, inner - max(inner[0], 0))
            yield {
                "input_ids": [*prefix, *pieces.ids[part.start : part.end], *suffix],
                "words": [*[NO_WORD] * len(prefix), *numbers.tolist(), *[NO_WORD] * len(suffix)],
                "length": part.end - part.start + around,
            }


def piece_words(pieces: Pieces) -> Any:
    """The number of each piece's word, (pieces,): it ends where the next begins; NO_WORD before the first."""
    begins = np.zeros(len(pieces.ids), dtype=np.int64)
    begins[sorted({first for first in pieces.first if first >= 0})] = 1
    return np.cumsum(begins) + NO_WORD


def prepare(
    folder: Path, tokenizer: Tokenizer, corpus: Sequence[Path], choice: Choice, window: int
) -> tuple[Dataset, dict[str, int]]:
    """The windows of `corpus` and what became of its articles, made in `folder` or found there.

    Raises ValueError where the folder holds windows of another corpus or choice.
    """
    made_of = _fingerprint(tokenizer, corpus, choice, window)
    record, partial = folder / "articles.json", folder / "partial"
    if record.exists():
        known = json.loads(record.read_text(encoding="utf-8"))
        if known["made_of"] != made_of:
            raise ValueError(f"{folder}: made of another corpus, tokenizer or recipe; choose another --out")
        return load_from_disk(str(folder)), known["articles"]
    if partial.exists():
        shutil.rmtree(partial)
    tally: Counter[str] = Counter()
    texts = choose(itertools.chain.from_iterable(map(corpora.articles, corpus)), choice, tally)
    ids = List(Value("int32"))
    made = Dataset.from_generator(
        lambda: windows_of(tokenizer, texts, window),
        features=Features({"input_ids": ids, "words": ids, "length": Value("int32")}),
        cache_dir=str(partial),
        fingerprint=made_of,  # else `datasets` would pickle the generator to make one
    )
    made.save_to_disk(str(folder))
    shutil.rmtree(partial)
    record.write_text(json.dumps({"made_of": made_of, "articles": tally}) + "\n", encoding="utf-8")
    return load_from_disk(str(folder)), dict(tally)


def _fingerprint(tokenizer: Tokenizer, corpus: Sequence[Path], choice: Choice, window: int) -> str:
    files = [(p.name, p.stat().st_size) for top in corpus for p in sorted(top.rglob("*")) if p.is_file()]
    chosen = [sorted(choice.held), choice.hits, choice.others, window]
    return hashlib.sha256(json.dumps([tokenizer.to_str(), files, chosen]).encode()).hexdigest()[:32]
