"""Columns into hashed features: the tables of which columns count together, and their keys.

A template names columns; its key is a hash of their values. Bags hash each of several columns under one
template, so that place in the bag does not matter. Hashing is multiply-shift (Dietzfelbinger et al. 1997,
"A reliable randomized algorithm for the closest-pair problem") over scrambled values; keys that meet in one
bucket share its weights (Weinberger et al. 2009, "Feature hashing for large scale multitask learning").
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hasila.article import Columns, Ints

# Cue groups whose number between two spans counts.
BETWEEN = (
    "speech",
    "deed",
    "blame",
    "that",
    "among",
    "gives",
    "after",
    "kill",
    "injure",
    "detain",
    "attribution",
    "arm",
    "member",
    "loss",
    "besides",
)
BITS = 15
_SHIFT = np.uint64(64 - BITS)

PAD = 0

CASUALTY_TEMPLATES: tuple[tuple[str, ...], ...] = (
    ("label",),
    ("first",),
    ("last",),
    ("stem",),
    ("laststem",),
    ("p1",),
    ("p2",),
    ("p1", "p2"),
    ("n1",),
    ("n2",),
    ("n1", "n2"),
    ("label", "p1"),
    ("label", "n1"),
    ("p3",),
    ("n3",),
    ("verb",),
    ("verb", "label"),
    ("opener",),
    ("opener2",),
    ("count",),
    ("count", "label"),
    ("definite",),
    ("rank",),
    ("sentence",),
    ("sentence", "label"),
    ("before",),
    ("before", "label"),
    ("chain",),
    ("chain", "label"),
    ("subset",),
    ("p1class",),
    ("p2class",),
    ("n1class",),
    ("n2class",),
    ("p1class", "p2class"),
    ("n1class", "n2class"),
    ("victim",),
    ("victim", "before"),
    ("speaker",),
    ("closed",),
    ("tail",),
    ("victim", "tail"),
    ("inherits",),
    ("inherits", "p1class"),
    ("inherits", "tail"),
    ("victim", "n1class"),
    ("victim", "p1class"),
    ("victim", "definite"),
    ("victim", "possessive"),
    ("statuses",),
    ("statuses", "label"),
    ("statuses", "count"),
    ("statuses_after",),
    ("statuses_near",),
    ("sentence", "statuses"),
    ("first_sentence", "label"),
    ("when_past",),
)

PAIR_TEMPLATES: tuple[tuple[str, ...], ...] = (
    ("t_label",),
    ("t_label", "order", "gap"),
    ("t_label", "order", "gap", "near"),
    ("t_label", "order", "gap", "between"),
    ("t_label", "c_label", "order", "gap"),
    ("t_label", "near", "clause"),
    ("t_label", "distance", "order"),
    ("t_label", "distance", "order", "gap"),
    ("t_label", "clause", "order"),
    ("t_label", "t_p1", "order"),
    ("t_label", "t_p1", "order", "gap"),
    ("t_label", "t_p1", "t_p2"),
    ("t_label", "t_p2", "order"),
    ("t_label", "t_n1", "order"),
    ("t_label", "t_n1", "order", "gap"),
    ("t_label", "t_n2", "order"),
    ("t_label", "t_p1class", "order", "gap"),
    ("t_label", "t_n1class", "order", "gap"),
    ("t_label", "t_p2class", "order", "gap"),
    ("t_label", "t_p1class", "t_n1class", "order"),
    ("t_label", "t_first"),
    ("t_label", "t_stem"),
    ("t_label", "t_letter", "order", "gap"),
    ("t_label", "t_surface"),
    ("t_label", "t_surface", "order", "gap"),
    ("t_label", "words"),
    ("t_label", "words", "c_label"),
    ("t_label", "c_p1", "order", "gap"),
    ("t_label", "c_n1", "order", "gap"),
    ("t_label", "c_n2", "order", "gap"),
    ("t_label", "c_last", "order", "gap"),
    ("t_label", "c_laststem", "t_stem"),
    ("t_label", "c_laststem", "t_surface"),
    ("t_label", "c_verb", "verbside"),
    ("t_label", "overlap"),
    ("t_label", "overlap", "c_victim"),
    ("t_label", "c_possessive", "near", "order", "gap"),
    ("t_label", "c_possessive", "lastactor", "lastspeaker", "order"),
    ("t_label", "c_possessive", "c_victim", "lastspeaker", "gap"),
    ("t_label", "c_victim", "lastspeaker", "t_speaks", "gap"),
    ("t_label", "c_victim", "lastactor", "t_acts", "order"),
    ("t_label", "c_victim", "t_p1", "order"),
    ("t_label", "c_victim", "verbside", "between"),
    ("t_label", "c_verb", "order", "gap"),
    ("t_label", "verbside", "c_label"),
    ("t_label", "verbside", "between"),
    ("t_label", "t_speaks", "lastspeaker", "gap", "order"),
    ("t_label", "t_acts", "lastactor", "gap", "order"),
    ("t_label", "lastspeaker", "c_speaker", "speakers"),
    ("t_label", "c_openerclass", "gap", "t_speaks"),
    ("t_label", "c_opener", "gap", "order"),
    ("t_label", "t_rank", "gap", "order"),
    ("t_label", "t_total"),
    ("t_label", "t_first_mention", "gap"),
    ("t_label", "t_sentence", "c_sentence"),
    ("t_label", "t_mentions"),
    ("t_label", "casualties", "order", "gap"),
    ("t_label", "events", "order", "gap"),
    ("t_label", "cues", "order", "gap"),
    ("t_label", "cues"),
    ("t_label", "cue_kinds"),
    ("t_label", "c_victim", "order", "gap"),
    *(("t_label", f"cue_{name}", "order", "gap") for name in BETWEEN),
    ("t_label", "c_victim", "t_stem"),
    ("t_label", "c_inherits", "order", "gap"),
    ("t_label", "c_inherits", "t_surface"),
    ("t_label", "c_statuses", "gap"),
    ("t_label", "c_closed", "gap", "order"),
    ("t_label", "t_next_label", "t_prev_label"),
    ("t_label", "t_next_label", "t_next_gap"),
    ("t_label", "t_prev_label", "t_prev_gap"),
    ("t_label", "c_chain", "order", "gap"),
    ("harm", "order", "gap"),
    ("harm", "same_label", "numbers"),
    ("harm", "same_label", "numbers", "order"),
    ("harm", "same_label", "same_stem", "numbers"),
    ("harm", "same_label", "same_stem", "c_definite", "t_definite"),
    ("harm", "same_label", "gap", "order", "casualties"),
    ("harm", "c_subset", "order", "gap", "casualties"),
    ("harm", "c_subset", "numbers", "order", "near"),
    ("harm", "sums", "order"),
    ("harm", "sums", "c_subset", "same_label"),
    ("harm", "same_label", "t_firstkind"),
    ("harm", "same_label", "c_p1class"),
    ("harm", "same_label", "c_p2class"),
    ("harm", "same_label", "c_victim", "t_victim"),
    ("harm", "same_label", "c_victim", "t_victim", "numbers"),
    ("harm", "t_n1", "same_label"),
    ("harm", "c_p1", "same_label"),
    ("harm", "c_count", "t_count", "same_label"),
    ("harm", "c_definite", "t_definite", "order", "gap"),
    ("harm", "same_label", "t_first_match"),
    ("harm", "same_label", "t_first_match", "numbers"),
    ("harm", "c_update", "same_label", "numbers"),
    ("harm", "c_sentence", "t_sentence", "same_label"),
)

CASUALTY_BAGS = (
    ("inside", 5),
    ("left", 10),
    ("right", 10),
)

PAIR_BAGS = (("gapc", 7), ("gapt", 5))


def mix(columns: Sequence[Ints]) -> Ints:
    """One 31-bit hash of several integer columns, entry by entry."""
    mixed = np.full(len(columns[0]), 0x9E3779B9, dtype=np.uint64)
    for column in columns:
        mixed = (mixed ^ column.astype(np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(33)).astype(np.int64)


def keys(
    columns: Columns, templates: tuple[tuple[str, ...], ...], bags: Sequence[tuple[str, int]], base: int
) -> Ints:
    """(rows, features) hashed keys in `[1, 2**BITS)`; PAD is a feature that is not there.

    Multiply-shift hashing of the sum over a template's columns, each scrambled first.
    """
    used = sorted({name for names in templates for name in names})
    scrambled = _scrambled(np.stack([columns[name] for name in used]).astype(np.uint64))
    values, size = dict(zip(used, scrambled, strict=True)), scrambled.shape[1]
    made = np.zeros((len(templates) + sum(length for _, length in bags), size), dtype=np.uint64)
    for row, (names, (constant, *factors)) in enumerate(
        zip(templates, _factors(templates, base), strict=True)
    ):
        made[row] = constant
        for name, factor in zip(names, factors, strict=True):
            made[row] += values[name] * factor
    row = len(templates)
    made[:row] = np.maximum(made[:row] >> _SHIFT, np.uint64(1))
    context = [columns[name].astype(np.uint64) for name in ("t_label", "order") if name in columns]
    for number, (name, length) in enumerate(bags, len(templates)):
        raw = np.stack([columns[f"{name}{step}"] for step in range(length)]).astype(np.uint64)
        key = _scrambled(raw) + np.uint64(base + number)
        for column in context:
            key = _scrambled(key + column)
        key = np.maximum(_scrambled(key) >> _SHIFT, np.uint64(1))
        made[row : row + length] = np.where(raw == PAD, np.uint64(PAD), key)
        row += length
    return made.T.astype(np.int64)


@cache
def _factors(templates: tuple[tuple[str, ...], ...], base: int) -> tuple[tuple[np.uint64, ...], ...]:
    """For each template an odd factor of its own and one for each of its columns."""
    return tuple(
        tuple(_odd(f"{base + number} {name}".encode()) for name in ("", *template))
        for number, template in enumerate(templates)
    )


def _odd(seed: bytes) -> np.uint64:
    return np.uint64(zlib.crc32(seed) << 32 | zlib.crc32(seed[::-1]) | 1)


def _scrambled(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    values = (values + np.uint64(0x9E3779B97F4A7C15)) * np.uint64(0xBF58476D1CE4E5B9)
    return (values ^ (values >> np.uint64(31))) * np.uint64(0x94D049BB133111EB)
