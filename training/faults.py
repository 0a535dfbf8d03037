"""What is wrong with one annotated document as it stands in a file, whatever its text is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from hasila.labels import KINDS, LABELS, LINK_TARGETS, LINKS, STATUSES, VICTIMS, is_casualty

REQUIRED = ("kind", "min", "max", "status", "victim", "of", "by", "where", "when", "source", "part_of")


def faults(data: dict[str, Any], split: dict[str, str]) -> Iterator[str]:
    """Each fault of the object `data` of a line, with the span it is in; `split` holds the ids known."""
    missing = [key for key in ("id", "sha256", "spans") if key not in data]
    if missing:
        yield f"no {', '.join(missing)}"
        return
    if not isinstance(data["spans"], list) or not all(isinstance(span, dict) for span in data["spans"]):
        yield f"{data['id']}: spans are not a list of objects"
        return
    if data["id"] not in split:
        yield f"{data['id']}: not in split.tsv"
    before = data.get("start", 0)
    last = data.get("end", len(data["text"]) if "text" in data else None)
    for index, span in enumerate(data["spans"]):
        where = f"{data['id']}: span {index}"
        if not _is_range(span) or (last is not None and span["end"] > last):
            yield f"{where}: bad or outlying offsets {span.get('start')}-{span.get('end')}"
            return
        if span["start"] < before:
            yield f"{where}: overlaps the one before it or is out of order"
        before = span["end"]
        if span.get("label") not in LABELS:
            yield f"{where}: unknown label {span.get('label')!r}"
        else:
            yield from (f"{where}: {fault}" for fault in _claim_faults(span, index, data["spans"]))


def _is_range(span: dict[str, Any]) -> bool:
    start, end = span.get("start"), span.get("end")
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end


def _claim_faults(span: dict[str, Any], index: int, spans: list[dict[str, Any]]) -> Iterator[str]:
    if not is_casualty(span["label"]):
        yield from (f"attribute {key} on a {span['label']}" for key in (*REQUIRED, *LINKS) if key in span)
        return
    missing = [key for key in REQUIRED if key not in span]
    if missing:
        yield f"no {', '.join(missing)}"
        return
    for key, values in (("kind", KINDS), ("status", STATUSES), ("victim", VICTIMS)):
        if span[key] not in values:
            yield f"unknown {key} {span[key]!r}"
    for key in ("min", "max"):
        if span[key] is not None and (not isinstance(span[key], int) or span[key] < 0):
            yield f"{key} is {span[key]!r}"
    if isinstance(span["min"], int) and isinstance(span["max"], int) and span["min"] > span["max"]:
        yield f"min {span['min']} is over max {span['max']}"
    for link in LINKS:
        target = span.get(link)
        if target is None:
            continue
        if not isinstance(target, int) or not 0 <= target < len(spans) or target == index:
            yield f"{link} points to nothing: {target!r}"
        elif spans[target].get("label") not in LINK_TARGETS[link]:
            yield f"{link} points to a {spans[target].get('label')}"
