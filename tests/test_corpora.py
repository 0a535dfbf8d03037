"""Corpora: texts found by their sha256 wherever they stand, cut to what is annotated, shifted back."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hasila.document import Span
from training import corpora, gold
from training.corpora import TrainingDocument
from training.gold import GoldDocument, GoldSpan

TEXT = "عنوان لا يقرأ\r\nقتل ثلاثة مدنيين في حلب.\r\nوختام لا يقرأ"
START, END = TEXT.index("قتل"), TEXT.index("\r\nوختام")
KILLED = TEXT.index("ثلاثة"), TEXT.index("مدنيين") + len("مدنيين")


def document(identity: str = "ant-1", text: str = TEXT, part: str = "train") -> GoldDocument:
    spans = (GoldSpan(*KILLED, "KILLED"), GoldSpan(TEXT.index("حلب"), TEXT.index("حلب") + 3, "LOCATION"))
    return GoldDocument(identity, "ant", part, corpora.sha256(text), spans, START, END, "2016-10-06")


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working directory without seeds."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def _parquet(path: Path, ids: list[str], texts: list[str | None]) -> None:
    import pyarrow
    from pyarrow import parquet

    parquet.write_table(pyarrow.table({"id": ids, "text": texts, "date": ["x"] * len(ids)}), path)


def test_a_text_is_found_under_another_id_in_every_kind_of_file(tmp_path: Path) -> None:
    for kind in ("txt", "jsonl", "parquet"):
        folder = tmp_path / kind / "deep"
        folder.mkdir(parents=True)
        if kind == "txt":
            (folder / "another name.txt").write_bytes(TEXT.encode())
        elif kind == "jsonl":
            rows = [{"id": "other", "text": "شيء"}, {"text": TEXT}, {"text": None}, {"id": 5}]
            (folder / "a.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n", encoding="utf-8")
        else:
            _parquet(folder / "a.parquet", ["x", "y", "z"], ["شيء", None, TEXT])
        texts, missing = corpora.find([document()], [tmp_path / kind])
        assert (texts, missing) == ({"ant-1": TEXT}, []), kind


def test_a_text_under_its_id_that_changed_does_not_count(tmp_path: Path) -> None:
    (tmp_path / "ant-1.txt").write_bytes((TEXT + " ").encode())
    assert corpora.find([document()], [tmp_path]) == ({}, ["ant-1"])


def test_two_documents_of_one_text_are_both_found(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(TEXT.encode())
    texts, missing = corpora.find([document("ant-1"), document("khaleej-9")], [tmp_path])
    assert (set(texts), missing) == ({"ant-1", "khaleej-9"}, [])


def test_newlines_and_marks_are_not_translated(tmp_path: Path) -> None:
    text = "\ufeffسطر\r\nسطر\rسطر\u2028"
    (tmp_path / "a.txt").write_bytes(text.encode())
    assert list(corpora.articles(tmp_path)) == [("a", text)]


def test_files_that_are_no_corpus_are_passed_over(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "a.txt").write_bytes(b"\xff\xfe")
    (tmp_path / "b.jsonl").write_bytes(b'{"broken\n[1, 2]\n\xff\n' + json.dumps({"text": TEXT}).encode())
    (tmp_path / "c.parquet").write_bytes(b"no parquet")
    (tmp_path / "folder.txt").mkdir()
    _parquet(tmp_path / "d.parquet", ["x"], [TEXT])
    assert [text for _, text in corpora.articles(tmp_path)] == [TEXT, TEXT]
    told = capsys.readouterr().err
    assert all(name in told for name in ("a.txt: passed over", "b.jsonl: 2 lines", "c.parquet"))


def test_seeds_need_no_corpus(elsewhere: Path) -> None:
    (elsewhere / "seeds").mkdir()
    (elsewhere / "seeds" / "000.txt").write_bytes(TEXT.encode())
    assert corpora.find([document("000")], []) == ({"000": TEXT}, [])


def test_only_the_annotated_stretch_is_read_and_offsets_lead_back() -> None:
    (cut,) = corpora.build([document(), document("gone")], {"ant-1": TEXT})
    assert (cut.id, cut.part, cut.source, cut.date, cut.offset) == (
        "ant-1",
        "train",
        "ant",
        "2016-10-06",
        START,
    )
    assert cut.text == "قتل ثلاثة مدنيين في حلب."
    assert [span.text for span in cut.spans] == ["ثلاثة مدنيين", "حلب"]
    for span in cut.spans:
        assert cut.text[span.start : span.end] == span.text
        assert TEXT[span.start + cut.offset : span.end + cut.offset] == span.text
    assert (cut.spans[0].start + cut.offset, cut.spans[0].end + cut.offset) == KILLED


def test_documents_are_read_as_they_were_written(tmp_path: Path) -> None:
    documents = [
        TrainingDocument("a", "train", "ant", None, 3, "قتل\u2028\r\nثلاثة", (Span(0, 3, "EVENT", "قتل"),)),
        TrainingDocument("b", "dev", "seeds", "2016-10-06", 0, "", ()),
    ]
    path = tmp_path / "deep" / "documents.jsonl"
    corpora.write(documents, path)
    assert corpora.read(path) == documents
    assert [p.name for p in path.parent.iterdir()] == ["documents.jsonl"]


def test_without_documents_the_command_that_makes_them_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"python -m training\.corpora"):
        corpora.read(tmp_path / "documents.jsonl")


def test_the_command_names_what_it_cannot_find(
    in_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "documents.jsonl"
    assert corpora.main([str(tmp_path), "-o", str(out)]) == 0
    said, told = capsys.readouterr()
    documents = gold.read()
    own = [d for d in documents if d.source in ("seeds", "composed")]
    assert [d.id for d in corpora.read(out)] == [d.id for d in own]
    assert f"{len(own)} of {len(documents)} documents" in said
    assert f"text not found for {len(documents) - len(own)}: " in told
    public = next(d.id for d in documents if d.source == "ant")
    assert public in told.split()


def test_a_folder_that_is_not_there_is_a_wrong_call(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stop:
        corpora.main(["nowhere"])
    assert stop.value.code == 2
    assert "no such folder: nowhere" in capsys.readouterr().err
