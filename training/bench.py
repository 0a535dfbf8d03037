"""What Hasila costs here: installed size, start-up, time to a first record, memory, the claims' share.

    python -m training.bench [--runs 3]

Every time is the best of `--runs` cold processes. Figures are of this machine; ratios travel better.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from importlib import metadata
from pathlib import Path

SEEDS = Path("seeds")

_IMPORT = "import hasila"
_FIRST = """
import pathlib
from hasila import Extractor
path = sorted(pathlib.Path("seeds").glob("*.txt"))[0]
print(Extractor()(path.read_bytes().decode("utf-8"), date="2014-11-11").to_json()[:1])
"""
_FIVE = """
import pathlib, resource
from hasila import Extractor
extractor = Extractor()
for path in sorted(pathlib.Path("seeds").glob("*.txt")):
    extractor(path.read_bytes().decode("utf-8"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def run(code: str, runs: int) -> tuple[float, str]:
    """Best wall seconds of `code` in a fresh interpreter, and what it printed last."""
    best, said = float("inf"), ""
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
        best, said = min(best, time.perf_counter() - start), done.stdout.strip()
    return best, said


def installed_bytes(name: str) -> dict[str, int]:
    """Bytes on disk of a distribution and all that it requires without extras, a distribution a key."""
    sizes: dict[str, int] = {}
    queue = [name]
    while queue:
        current = re.sub(r"[-_.]+", "-", queue.pop()).lower()
        if current in sizes:
            continue
        try:
            found = metadata.distribution(current)
        except metadata.PackageNotFoundError:  # required on another platform only
            continue
        paths = [Path(str(found.locate_file(file))) for file in found.files or ()]
        sizes[current] = sum(path.stat().st_size for path in paths if path.is_file())
        for requirement in found.requires or ():
            if "extra ==" not in requirement:
                queue.append(re.split(r"[\s;<>=!~\[(]", requirement, maxsplit=1)[0])
    return sizes


def shares() -> tuple[float, float]:
    """Seconds an article that the model and that the claims take, warm, over the seeds."""
    from hasila import casualties
    from hasila.tagger import Tagger

    tagger = Tagger.from_pretrained()
    texts = [path.read_bytes().decode("utf-8") for path in sorted(SEEDS.glob("*.txt"))]
    tagged = [tagger.tag(text).spans for text in texts]
    for text, spans in zip(texts, tagged, strict=True):  # loads the tables
        casualties.records(text, spans, None, "none")
    start = time.perf_counter()
    for text in texts:
        tagger.tag(text)
    middle = time.perf_counter()
    for text, spans in zip(texts, tagged, strict=True):
        casualties.records(text, spans, None, "none")
    end = time.perf_counter()
    return (middle - start) / len(texts), (end - middle) / len(texts)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.bench", description=__doc__.split("\n")[0])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args(arguments)
    empty, _ = run("pass", options.runs)
    importing, _ = run(_IMPORT, options.runs)
    first, _ = run(_FIRST, options.runs)
    five, peak = run(_FIVE, options.runs)
    sizes = installed_bytes("hasila")
    model, claims = shares()
    print(f"light install           {sum(sizes.values()) / 1e6:7.0f} MB   (floor: 300)")
    for name, size in sorted(sizes.items(), key=lambda item: -item[1])[:5]:
        print(f"    {name:20}{size / 1e6:7.1f} MB")
    print(f"import hasila           {importing - empty:7.2f} s    (floor: 0.3)")
    print(f"first record, cold      {first:7.2f} s    (floor: 1.5)")
    print(f"five seeds, cold        {five:7.2f} s    (floor: 4)")
    print(f"peak memory             {peak:>7} MB   (floor: 400)")
    print(f"an article: model {model * 1000:.0f} ms, claims {claims * 1000:.1f} ms ({claims / model:.1%})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
