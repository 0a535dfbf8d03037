"""The texts of our own writing: unlike each other, as news is."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

from hasila.arabic import words
from training import gold

RUN = 8  # words; two texts that share as many in a row are copies in part


def runs(document: gold.GoldDocument) -> set[tuple[str, ...]]:
    """Runs of RUN words, signs apart, of which none lies in a span: names may repeat."""
    text = document.text or ""
    named = [any(s.start < end and start < s.end for s in document.spans) for start, end in words(text)]
    spoken = [
        None if within else text[start:end]
        for (start, end), within in zip(words(text), named, strict=True)
        if text[start:end].isalnum() or within
    ]
    found = set()
    for at in range(len(spoken) - RUN + 1):
        run = [word for word in spoken[at : at + RUN] if word is not None]
        if len(run) == RUN:
            found.add(tuple(run))
    return found


def test_a_run_with_a_name_in_it_does_not_count() -> None:
    text = "واحد اثنان ثلاثة أربعة خمسة ستة سبعة ثمانية"
    plain = gold.GoldDocument("a", "composed", "train", "", (), text=text)
    named = gold.GoldDocument("b", "composed", "train", "", (gold.GoldSpan(0, 4, "PERSON"),), text=text)
    assert len(runs(plain)) == 1
    assert not runs(named)


def test_no_two_own_texts_share_eight_words_in_a_row_outside_names(in_root: Path) -> None:
    seen: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for document in gold.read(files=("composed.jsonl",)):
        for run in runs(document):
            seen[run].add(document.id)
    assert {run: ids for run, ids in seen.items() if len(ids) > 1} == {}
