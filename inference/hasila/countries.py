"""Countries as the codebooks of ACLED and UCDP GED name and number them: `countries.tsv` as records."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Country:
    """`iso` is ISO 3166-1 numeric, `gw` the state number of Gleditsch and Ward; what is not sure is None."""

    code: str
    iso: int | None
    acled_name: str
    acled_region: str | None
    gw: int | None
    ged_name: str | None
    ged_region: str | None


@functools.cache
def load() -> dict[str, Country]:
    """Every country of the table by its ISO 3166-1 alpha-2 code."""
    return {
        row["country"]: Country(
            row["country"],
            int(row["iso"]) if row["iso"] else None,
            row["acled_name"],
            row["acled_region"] or None,
            int(row["gw"]) if row["gw"] else None,
            row["ged_name"] or None,
            row["ged_region"] or None,
        )
        for row in table("countries.tsv")
    }


def table(name: str) -> Iterator[dict[str, str]]:
    """The rows of a tab-separated table beside this module; lines that start with `#` are comments."""
    text = (resources.files("hasila") / name).read_text(encoding="utf-8")
    lines = [line for line in text.split("\n") if line and not line.startswith("#")]
    header = lines[0].split("\t")
    for line in lines[1:]:
        yield dict(zip(header, line.split("\t"), strict=True))
