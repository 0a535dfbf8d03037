"""Columns into hashed features: the keys of what `templates` names.

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

BITS = 15
_SHIFT = np.uint64(64 - BITS)

PAD = 0


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
