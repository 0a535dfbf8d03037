"""The command: what it reads and writes, what it says of bad input, and its exit codes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from hasila import __version__, cli, models
from hasila.document import Document

TEXT = "قتل ثلاثة مدنيين وأصيب 20 آخرون في قصف على حلب أمس، وفق الدفاع المدني."


class Outcome(SimpleNamespace):
    """What a call did: `code`, `out`, `err`."""

    code: int
    out: str
    err: str

    @property
    def documents(self) -> list[Document]:
        return [Document.from_json(line) for line in self.out.split("\n") if line]


Hasila = Callable[..., Outcome]


@pytest.fixture
def hasila(
    onnx_folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Hasila]:
    """Runs `hasila ARGUMENTS` in this process, with the tiny model where none is named."""

    def run(*arguments: object, stdin: bytes | None = None) -> Outcome:
        words = [str(argument) for argument in arguments]
        if words[0] == "extract" and "--model" not in words:
            words += ["--model", str(onnx_folder)]
        source = SimpleNamespace(buffer=io.BytesIO(stdin or b""), isatty=lambda: stdin is None)
        monkeypatch.setattr(sys, "stdin", source)
        try:
            code = cli.main(words)
        except SystemExit as stop:
            code = int(stop.code or 0)
        captured = capsys.readouterr()
        return Outcome(code=code, out=captured.out, err=captured.err)

    return run


@pytest.fixture
def article(tmp_path: Path) -> Path:
    path = tmp_path / "001.txt"
    path.write_bytes(TEXT.encode())
    return path


def test_one_article_as_json(hasila: Hasila, article: Path) -> None:
    done = hasila("extract", article, "--format", "jsonl")
    assert (done.code, done.err) == (0, "")
    (document,) = done.documents
    assert (document.id, document.text, document.date) == ("001", TEXT, None)
    assert document.spans


def test_one_article_as_a_table(hasila: Hasila, article: Path) -> None:
    done = hasila("extract", article)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("━━ 001 · no date")


def test_a_folder_and_a_file_in_order(hasila: Hasila, tmp_path: Path) -> None:
    for name in ("b", "a"):
        (tmp_path / f"{name}.txt").write_bytes(TEXT.encode())
    (tmp_path / "c.jsonl").write_text(json.dumps({"id": "c1", "text": TEXT, "page": 3}), encoding="utf-8")
    done = hasila("extract", tmp_path, "--format", "jsonl")
    assert done.code == 0
    assert [document.id for document in done.documents] == ["a", "b", "c1"]
    assert done.documents[2].meta == {"page": 3}


@pytest.mark.parametrize("paths", [[], ["-"]])
def test_standard_input_as_bytes(hasila: Hasila, paths: list[str]) -> None:
    text = "\ufeff" + TEXT + "\r\nسطر\r\n"
    done = hasila("extract", *paths, "--format", "jsonl", stdin=text.encode())
    assert done.code == 0
    (document,) = done.documents
    assert (document.id, document.text) == ("stdin", text)


def test_nothing_to_read_on_a_terminal(hasila: Hasila) -> None:
    done = hasila("extract")
    assert done.code == 2
    assert "name a file or folder" in done.err


def test_the_date_given_stands_for_articles_that_carry_none(hasila: Hasila, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    rows = [{"text": TEXT}, {"text": TEXT, "date": "2015-01-02"}]
    path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    done = hasila("extract", path, "--date", "2016-10-06", "--format", "jsonl")
    assert [str(document.date) for document in done.documents] == ["2016-10-06", "2015-01-02"]


def test_min_score(hasila: Hasila, article: Path) -> None:
    (every,) = hasila("extract", article, "--format", "jsonl").documents
    scores = sorted(span.score for span in every.spans if span.score is not None)
    least = str(scores[-1])  # a random model's: which ones they are, no seed can promise
    (some,) = hasila("extract", article, "--format", "jsonl", "--min-score", least).documents
    assert len(some.spans) == sum(score == scores[-1] for score in scores)
    assert scores[0] < scores[-1]


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["extract", "x.txt", "--date", "yesterday"], "'yesterday' is not a date"),
        (["extract", "x.txt", "--min-score", "2"], "'2' is not between 0 and 1"),
        (["extract", "x.txt", "--min-score", "nan"], "'nan' is not between 0 and 1"),
        (["extract", "x.txt", "--format", "xml"], "invalid choice"),
        (["extract", "x.txt", "--policy", "guess"], "guess"),
        (["extract", "x.txt", "--model", "nowhere"], "nowhere: no such model"),
        (["extract", "x.txt", "--mood", "good"], "unrecognized arguments"),
        (["read", "x.txt"], "invalid choice"),
    ],
)
def test_a_wrong_call_is_told_in_a_line(hasila: Hasila, arguments: list[str], reason: str) -> None:
    done = hasila(*arguments)
    assert (done.code, done.out) == (2, "")
    assert reason in done.err.strip().split("\n")[-1]
    assert "Traceback" not in done.err


def test_the_bad_are_named_and_the_rest_is_read(hasila: Hasila, tmp_path: Path, article: Path) -> None:
    for name, data in {"b.txt": b"", "c.txt": b"\x89PNG\xff", "d.txt": TEXT.encode("utf-16")}.items():
        (tmp_path / name).write_bytes(data)
    (tmp_path / "e.jsonl").write_bytes(
        b'{"text": "\n' + json.dumps({"text": TEXT}).encode() + b'\n{"id": 1}\n'
    )
    done = hasila("extract", tmp_path, tmp_path / "gone.txt", "--format", "jsonl")
    assert done.code == 1
    assert [document.id for document in done.documents] == ["001", f"{tmp_path}/e.jsonl:2"]
    told = [line.removeprefix(f"{tmp_path}/").split(": ")[0] for line in done.err.strip().split("\n")]
    assert told == ["b.txt", "c.txt", "d.txt", "e.jsonl:1", "e.jsonl:3", "gone.txt"]


def test_a_repeated_id_is_told_and_read(hasila: Hasila, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("\n".join([json.dumps({"id": "x", "text": TEXT})] * 2), encoding="utf-8")
    done = hasila("extract", path, "--format", "jsonl")
    assert done.code == 0
    assert len(done.documents) == 2
    assert done.err == f"{path}:2: id 'x' repeats that of {path}:1\n"


def test_a_date_that_cannot_be_read_is_a_warning(hasila: Hasila, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text(json.dumps({"text": TEXT, "date": "soon"}), encoding="utf-8")
    done = hasila("extract", path, "--format", "jsonl")
    assert done.code == 0
    assert "'soon' is not YYYY-MM-DD" in done.err
    assert done.documents[0].meta == {"date": "soon"}


def test_a_text_too_long_is_named_and_the_rest_read(
    hasila: Hasila, tmp_path: Path, article: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hasila.extractor.MAX_CHARACTERS", 100)
    (tmp_path / "000.txt").write_bytes(b"a" * 101)
    done = hasila("extract", tmp_path, "--format", "jsonl")
    assert done.code == 1
    assert done.err == f"{tmp_path}/000.txt: 101 characters are more than 100\n"
    assert [document.id for document in done.documents] == ["001"]


def test_strange_texts_are_read(hasila: Hasila, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    texts = ["\ud800 قتل ثلاثة", "قتل\0ثلاثة", "ا" * 100_000, " ", "\ufeff", "سطر\r\nسطر"]
    path.write_text("\n".join(json.dumps({"text": text}) for text in texts), encoding="utf-8")
    done = hasila("extract", path, "--format", "jsonl")
    assert (done.code, done.err) == (0, "")
    assert [document.text for document in done.documents] == texts
    assert "U+FFFD" in done.documents[0].notes[0]
    assert hasila("extract", path).code == 0


def test_a_file_is_written_whole(hasila: Hasila, article: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old", encoding="utf-8")
    done = hasila("extract", article, "--format", "jsonl", "-o", out)
    assert (done.code, done.out, done.err) == (0, "", "")
    assert Document.from_json(out.read_text("utf-8").strip()).id == "001"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["001.txt", "out.jsonl"]


def test_a_file_is_not_written_at_all_where_the_run_breaks(
    hasila: Hasila, article: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out.jsonl"
    out.write_text("old", encoding="utf-8")

    def broken(self: Any, *_: Any, **__: Any) -> Document:
        raise KeyboardInterrupt

    monkeypatch.setattr("hasila.extractor.Extractor.__call__", broken)
    assert hasila("extract", article, "-o", out).code == 130
    assert out.read_text("utf-8") == "old"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["001.txt", "out.jsonl"]


@pytest.mark.parametrize("name", ["nowhere/out.jsonl", ".", "001.txt/out.jsonl"])
def test_a_place_that_cannot_be_written(hasila: Hasila, article: Path, name: str) -> None:
    out = article.parent / name if name != "." else name
    done = hasila("extract", article, "-o", out)
    assert done.code == 2
    assert len(done.err.strip().split("\n")) == 1
    assert str(out) in done.err


def test_a_device_is_written_to_and_not_replaced(hasila: Hasila, article: Path, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = subprocess.Popen(["cat", str(pipe)], stdout=subprocess.PIPE)
    try:
        done = hasila("extract", article, "--format", "jsonl", "-o", pipe)
        read, _ = reader.communicate(timeout=20)
    finally:
        reader.kill()
    assert (done.code, done.err) == (0, "")
    assert pipe.is_fifo()
    assert Document.from_json(read.decode().strip()).id == "001"


@pytest.mark.parametrize("form", ["table", "jsonl"])
def test_a_reader_that_has_seen_enough_ends_the_run_quietly(
    python: Any, onnx_folder: Path, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text((json.dumps({"text": TEXT * 20}) + "\n") * 60, encoding="utf-8")
    script = f"""
import subprocess, sys
command = [sys.executable, "-m", "hasila.cli", "extract", {str(path)!r}, "--format", {form!r}]
run = subprocess.Popen([*command, "--model", {str(onnx_folder)!r}], stdout=-1, stderr=-1)
run.stdout.read(50)
run.stdout.close()
err = run.stderr.read()
print(run.wait(), err)
"""
    assert python("-c", script).stdout.decode().strip() == "0 b''"


def test_output_is_utf8_whatever_the_locale(python: Any, onnx_folder: Path, article: Path) -> None:
    command = ["-m", "hasila.cli", "extract", article, "--model", onnx_folder]
    for form in ("table", "jsonl"):
        done = python(*command, "--format", form, LC_ALL="C", PYTHONUTF8="0", PYTHONIOENCODING="ascii")
        assert (done.returncode, done.stderr) == (0, b"")
        assert "حلب" in done.stdout.decode("utf-8")


def test_the_models_that_are_embedded(
    hasila: Hasila, onnx_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(models, "EMBEDDED", onnx_folder.parent)
    done = hasila("models")
    assert (done.code, done.err) == (0, "")
    for part in ("tiny", "0.0.1", "1.5", "Apache-2.0", "random weights"):
        assert part in done.out
    assert models.embedded() == ["tiny"]


def test_a_damaged_embedded_model_is_named(
    hasila: Hasila, onnx_folder: Path, copy_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = copy_of(onnx_folder)
    (folder / "model.onnx").write_bytes(b"")
    monkeypatch.setattr(models, "EMBEDDED", folder.parent)
    done = hasila("models")
    assert done.code == 1
    assert done.err.startswith("hasila models: ")
    assert "model.onnx: damaged" in done.err


def test_version_and_help(hasila: Hasila) -> None:
    assert hasila("--version").out == f"hasila {__version__}\n"
    done = hasila("extract", "--help")
    assert done.code == 0
    for option in ("--model", "--date", "--min-score", "--format", "-o", "PATH"):
        assert option in done.out
    assert hasila("--help").code == 0


def test_the_seeds_with_the_embedded_model(hasila: Hasila, small: str, in_root: Path) -> None:
    done = hasila("extract", "seeds", "--model", small, "--format", "jsonl")
    assert (done.code, done.err) == (0, "")
    assert len(done.documents) == 5
    assert str(done.documents[0].date) == "2014-11-11"
    assert all(document.casualties for document in done.documents)
    assert {document.date_from for document in done.documents} == {"given"}
