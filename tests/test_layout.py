"""The house: imports go down only, heavy ones stand where they may, and the README's tree is the disk's."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "inference" / "hasila"
WORKSHOP = ROOT / "training"

# A module imports from its own floor and those below. A new module takes its place here.
FLOORS: tuple[tuple[str, ...], ...] = (
    # 0: what everything speaks of
    ("labels", "document", "arabic"),
    # 1: what a span means
    (
        *("numerals", "countwords", "hedges", "plurality"),
        *("dates", "dateterms", "datereading", "daterules", "dateunits", "periods", "hijri"),
        *("gazetteer", "placenames", "namesakes", "countries"),
        *("actors", "actornames", "parties", "cues"),
    ),
    # 2: the model
    ("windows", "decode", "models", "engines", "tagger"),
    # 3: the claim
    (
        *("article", "templates", "features", "traits", "harms", "pairs"),
        *("linker", "evidence", "linking", "casualties"),
    ),
    # 4: ways to run it
    (
        *("extractor", "files", "tables", "cli"),
        *("rows", "figures", "tolls", "events", "acled", "ged"),
    ),
)
FLOOR = {module: number for number, modules in enumerate(FLOORS) for module in modules}

# What is not in the standard library, and the modules that may import it; starred: only inside a function.
HEAVY: dict[str, tuple[str, ...]] = {
    "numpy": ("windows", "decode", "engines", "tagger", *FLOORS[3]),
    "onnxruntime": ("engines*",),
    "tokenizers": ("tagger*",),
    "torch": ("engines*",),
    "transformers": ("engines*",),
    "safetensors": ("engines*",),
    "rich": ("tables",),
}


def modules() -> dict[str, ast.Module]:
    return {
        path.stem: ast.parse(path.read_text("utf-8"))
        for path in sorted(PACKAGE.glob("*.py"))
        if path.stem != "__init__"
    }


def imports(tree: ast.Module, at_top_only: bool = False) -> Iterator[str]:
    """Dotted names of everything imported; `from hasila import x` is hasila.x. Type checking aside."""
    skipped = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            skipped.update(ast.walk(node))
        if at_top_only and isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            skipped.update(ast.walk(node))
    for node in ast.walk(tree):
        if node in skipped:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def own(tree: ast.Module) -> set[str]:
    """Modules of the package that a module imports."""
    found = {name.split(".")[1] for name in imports(tree) if name.startswith("hasila.")}
    return found - {"__version__"}


MODULES = modules()


def test_every_module_has_a_floor_and_every_floor_its_modules() -> None:
    assert set(MODULES) - set(FLOOR) == set(), "give the new module its floor in this test"
    assert set(FLOOR) - set(MODULES) == set()


@pytest.mark.parametrize("name", MODULES)
def test_imports_go_down_only(name: str) -> None:
    assert name in FLOOR
    assert {other for other in own(MODULES[name]) if FLOOR[other] > FLOOR[name]} == set()


def test_no_two_modules_import_each_other() -> None:
    order = TopologicalSorter({name: own(tree) for name, tree in MODULES.items()})
    assert len(list(order.static_order())) == len(MODULES)  # a cycle raises and names itself


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.stem)
def test_inference_never_imports_the_workshop(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(ast.parse(path.read_text("utf-8")))}
    assert "training" not in tops
    assert tops - set(sys.stdlib_module_names) - set(HEAVY) - {"hasila"} == set()


@pytest.mark.parametrize("name", MODULES)
def test_heavy_imports_stand_where_they_may(name: str) -> None:
    anywhere = {dotted.split(".")[0] for dotted in imports(MODULES[name])} & set(HEAVY)
    at_top = {dotted.split(".")[0] for dotted in imports(MODULES[name], at_top_only=True)} & set(HEAVY)
    assert {heavy for heavy in anywhere if not {name, f"{name}*"} & set(HEAVY[heavy])} == set()
    assert {heavy for heavy in at_top if name not in HEAVY[heavy]} == set()
    if name in (*FLOORS[0], *FLOORS[1]):
        assert anywhere == set(), "floors 0 and 1 live on the standard library"


def test_no_file_is_named_like_a_package_in_use() -> None:
    used = {
        "datasets",
        "evaluate",
        "tokenizers",
        "accelerate",
        "ray",
        "numbers",
        "calendar",
        "types",
        "select",
    }
    assert {path.stem for folder in (PACKAGE, WORKSHOP) for path in folder.glob("*.py")} & used == set()
    assert not (PACKAGE / "utils.py").exists()
    assert not (WORKSHOP / "utils.py").exists()


def _loaded(python: Any, code: str) -> set[str]:
    done = python("-c", f"import sys\n{code}\nprint('\\n'.join(sys.modules))")
    assert done.returncode == 0, done.stderr.decode()
    return set(done.stdout.decode().split("\n"))


def test_import_hasila_loads_next_to_nothing(python: Any) -> None:
    assert _loaded(python, "import hasila").isdisjoint({*HEAVY, "hasila.extractor", "json", "argparse"})


def test_help_loads_no_runtime(python: Any) -> None:
    code = "import hasila.cli, contextlib\nwith contextlib.suppress(SystemExit): hasila.cli.main(['--help'])"
    assert _loaded(python, code).isdisjoint(HEAVY)


def test_an_extraction_loads_neither_torch_nor_transformers(python: Any, onnx_folder: Path) -> None:
    code = f"import hasila\nhasila.Extractor({str(onnx_folder)!r})('قتل ثلاثة مدنيين في حلب').to_json()"
    found = _loaded(python, code)
    assert {"hasila.casualties", "onnxruntime", "tokenizers"} <= found
    assert found.isdisjoint({"torch", "transformers", "safetensors", "rich", "onnx"})


# A path in the tree: a folder with its slash, a file with an ending, or one of these.
_PATH = re.compile(r"[\w.\-*/]+/|[\w.\-*/]*\w\.\w+|\.?[\w\-/]*/\w+|Makefile|LICENSE|NOTICE")


def readme_tree() -> str:
    text = (ROOT / "README.md").read_text("utf-8")
    blocks = re.findall(r"```text\n(README\.md.*?)```", text, re.DOTALL)
    assert len(blocks) == 1, "README.md has one ```text block whose first line begins with README.md"
    return str(blocks[0])


def tree_paths(tree: str) -> list[tuple[str, str]]:
    """(folder, path) of each path that begins a line of the tree, `path` relative to `folder`.

    What is indented lies in the folder of the line before that is indented less. On a line, paths come
    first and the clause after them; paths after a folder may lie in it.
    """
    found: list[tuple[str, str]] = []
    open_folders: list[tuple[int, str]] = [(-1, "")]
    for line in tree.split("\n"):
        depth = len(line) - len(line.lstrip())
        while depth <= open_folders[-1][0]:
            open_folders.pop()
        inside = open_folders[-1][1]
        for number, token in enumerate(line.split()):
            if not _PATH.fullmatch(token.rstrip(",;")):
                break
            path = token.rstrip(",;")
            found.append((inside, path))
            if path.endswith("/") and number == 0:
                inside += path
                open_folders.append((depth, inside))
    return found


def _resolve(folder: str, path: str) -> str:
    """The path from the root: in the folder that its line opened, or beside it."""
    inside, beside = folder + path, folder.rstrip("/").rpartition("/")[0] + "/" + path
    return inside if list(ROOT.glob(inside)) else beside.lstrip("/")


def test_reading_a_tree() -> None:
    tree = "README.md   this page; README.ar.md too\nMakefile  pyproject.toml\na/b/   the package, see x.py\n"
    tree += (
        "  -- floor 0\n  c.py  d.py   two, like e.py\n  model/  the models\n    small/  one\nf/  g.py h.py\n"
    )
    assert tree_paths(tree) == [
        ("", "README.md"),
        ("", "Makefile"),
        ("", "pyproject.toml"),
        ("", "a/b/"),
        ("a/b/", "c.py"),
        ("a/b/", "d.py"),
        ("a/b/", "model/"),
        ("a/b/model/", "small/"),
        ("", "f/"),
        ("f/", "g.py"),
        ("f/", "h.py"),
    ]


def test_every_path_of_the_readmes_tree_is_on_the_disk() -> None:
    paths = [_resolve(folder, path) for folder, path in tree_paths(readme_tree())]
    assert len(paths) > 40
    assert [path for path in paths if not list(ROOT.glob(path.rstrip("/")))] == []


def test_every_module_and_folder_is_in_the_readmes_tree() -> None:
    told = {_resolve(folder, path).rstrip("/") for folder, path in tree_paths(readme_tree())}
    files = [*PACKAGE.glob("*.py"), *WORKSHOP.glob("*.py")]
    wanted = {path.relative_to(ROOT).as_posix() for path in files if path.stem != "__init__"}
    # Hidden folders are tools' own; these are made by builds and runs (see .gitignore).
    made = {"build", "dist", "runs", "__pycache__"}
    folders = {path.name for path in ROOT.iterdir() if path.is_dir() and path.name[0] != "."} - made
    told_folders = {"/".join(path.split("/")[:n]) for path in told for n in range(1, path.count("/") + 2)}
    assert wanted - told == set()
    assert folders - told_folders == set()
