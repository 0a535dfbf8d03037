"""The gold: each kind of damage is found and named, and the repository's own gold has none."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from training import corpora, gold
from training.gold import GoldError

TEXT = "قتل ثلاثة مدنيين في حلب أمس، وفق الدفاع المدني. وبين القتلى طفلان."
Change = Callable[[dict[str, Any]], object]


def at(words: str, label: str, **claim: Any) -> dict[str, Any]:
    start = TEXT.index(words)
    return {"start": start, "end": start + len(words), "label": label, **claim}


def document() -> dict[str, Any]:
    """A document without a fault: spans 0 KILLED, 1 LOCATION, 2 DATE, 3 ORG, 4 KILLED."""
    nothing = dict.fromkeys(("of", "by", "where", "when", "source", "part_of"))
    said = {"kind": "exact", "status": "asserted", **nothing}
    return {
        "id": "one",
        "date": "2016-10-06",
        "sha256": hashlib.sha256(TEXT.encode()).hexdigest(),
        "text": TEXT,
        "spans": [
            at("ثلاثة مدنيين", "KILLED", **{**said, "min": 3, "max": 3, "victim": "civilian", "where": 1}),
            at("حلب", "LOCATION"),
            at("أمس", "DATE"),
            at("الدفاع المدني", "ORG"),
            at("طفلان", "KILLED", **{**said, "min": 2, "max": 2, "victim": "child", "part_of": 0}),
        ],
    }


def written(folder: Path, *documents: object, split: str = "one\ttrain\ntwo\tdev\n") -> Path:
    (folder / "split.tsv").write_text("id\tpart\n" + split, encoding="utf-8")
    lines = [line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in documents]
    (folder / "composed.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder


def faults(folder: Path, *documents: object, split: str = "one\ttrain\ntwo\tdev\n") -> list[str]:
    with pytest.raises(GoldError) as caught:
        gold.read(written(folder, *documents, split=split), ["composed.jsonl"])
    return str(caught.value).split("\n")


def test_a_document_without_fault_is_read(tmp_path: Path) -> None:
    (read,) = gold.read(written(tmp_path, {**document(), "style": "wire"}), ["composed.jsonl"])
    assert (read.id, read.source, read.part, read.date) == ("one", "composed", "train", "2016-10-06")
    assert (read.start, read.end, read.text, read.origin) == (0, None, TEXT, "composed.jsonl:1")
    assert read.extra == {"style": "wire"}
    claim = read.spans[0].claim
    assert claim is not None
    assert (claim.min, claim.max, claim.kind, claim.victim, claim.where) == (3, 3, "exact", "civilian", 1)
    assert claim.unread == ("same_as", "event", "weapon"), "what nobody read is unknown, not null"
    assert read.spans[1].claim is None
    assert list(gold.text_faults(read, TEXT)) == []


def _set(index: int, **values: Any) -> Change:
    return lambda data: data["spans"][index].update(values)


def _drop(index: int, key: str) -> Change:
    return lambda data: data["spans"][index].pop(key)


DAMAGE: dict[str, tuple[Change, str]] = {
    "overlap": (_set(1, start=10), "span 1: overlaps the one before it or is out of order"),
    "order": (lambda data: data["spans"].insert(0, data["spans"].pop(2)), "span 1: overlaps the one before"),
    "before the annotated stretch": (
        lambda data: data.update(start=10),
        "span 0: overlaps the one before it",
    ),
    "after the text": (_set(4, end=len(TEXT) + 1), "span 4: bad or outlying offsets"),
    "after the annotated stretch": (lambda data: data.update(end=30), "span 3: bad or outlying offsets"),
    "empty span": (_set(1, end=20), "span 1: bad or outlying offsets 20-20"),
    "offset that is no number": (_set(1, start="20"), "span 1: bad or outlying offsets"),
    "no offset": (_drop(1, "end"), "span 1: bad or outlying offsets 20-None"),
    "unknown label": (_set(1, label="PLACE"), "span 1: unknown label 'PLACE'"),
    "no label": (_drop(1, "label"), "span 1: unknown label None"),
    "unknown kind": (_set(0, kind="some"), "span 0: unknown kind 'some'"),
    "unknown status": (_set(0, status="denied"), "span 0: unknown status 'denied'"),
    "unknown victim": (_set(0, victim="man"), "span 0: unknown victim 'man'"),
    "attribute on an entity": (_set(1, kind="exact"), "span 1: attribute kind on a LOCATION"),
    "link on an entity": (_set(2, same_as=1), "span 2: attribute same_as on a DATE"),
    "missing attribute": (_drop(0, "victim"), "span 0: no victim"),
    "reference to nothing": (_set(0, where=9), "span 0: where points to nothing: 9"),
    "negative reference": (_set(0, where=-1), "span 0: where points to nothing: -1"),
    "reference to itself": (_set(0, part_of=0), "span 0: part_of points to nothing: 0"),
    "reference that is no number": (_set(0, where="حلب"), "span 0: where points to nothing: 'حلب'"),
    "reference to the wrong kind": (_set(0, where=2), "span 0: where points to a DATE"),
    "part of an entity": (_set(0, part_of=1), "span 0: part_of points to a LOCATION"),
    "event that is none": (_set(0, event=1), "span 0: event points to a LOCATION"),
    "min over max": (_set(0, min=4), "span 0: min 4 is over max 3"),
    "negative count": (_set(0, min=-1), "span 0: min is -1"),
    "count that is no number": (_set(0, max="3"), "span 0: max is '3'"),
    "spans that are no list": (lambda data: data.update(spans=5), "spans are not a list of objects"),
    "a span that is no object": (lambda data: data["spans"].append(5), "spans are not a list of objects"),
    "no sha256": (lambda data: data.pop("sha256"), "no sha256"),
    "no spans": (lambda data: data.pop("spans"), "no spans"),
}


@pytest.mark.parametrize("name", DAMAGE)
def test_damage_is_named_with_its_line_and_span(tmp_path: Path, name: str) -> None:
    change, expected = DAMAGE[name]
    data = document()
    change(data)
    found = faults(tmp_path, {**document(), "id": "two"}, data)
    assert any(expected in fault for fault in found), found
    assert all(fault.startswith("composed.jsonl:2: ") for fault in found)


def test_every_fault_is_listed(tmp_path: Path) -> None:
    data = document()
    data["spans"][0].update(kind="some", victim="man")
    data["spans"][2].update(label="DAY")
    assert len(faults(tmp_path, data, '{"id": "two"')) == 4


def test_a_repeated_id(tmp_path: Path) -> None:
    assert faults(tmp_path, document(), document()) == ["composed.jsonl:2: repeated id one"]


def test_an_id_that_is_in_no_part(tmp_path: Path) -> None:
    assert faults(tmp_path, document(), split="two\tdev\n") == ["composed.jsonl:1: one: not in split.tsv"]


@pytest.mark.parametrize("split", ["one\ttrian\n", "one\ttrain\none\tdev\n", "one\n"])
def test_a_broken_split(tmp_path: Path, split: str) -> None:
    assert "unknown part or repeated id" in faults(tmp_path, document(), split=split)[0]


@pytest.mark.parametrize("line", ['{"id": "one"', "nonsense", "[1]", "5", "null"])
def test_broken_json(tmp_path: Path, line: str) -> None:
    (fault,) = faults(tmp_path, {**document(), "id": "two"}, line)
    assert fault.startswith("composed.jsonl:2: not ")


def test_a_text_that_changed(tmp_path: Path) -> None:
    (read,) = gold.read(written(tmp_path, document()), ["composed.jsonl"])
    (fault,) = gold.text_faults(read, TEXT.replace("أمس", "اليوم"))
    assert fault == "composed.jsonl:1: one: the text changed: its sha256 is not the gold's"


@pytest.mark.parametrize("values", [{"end": 22}, {"start": 19}, {"start": 21}, {"end": 24}])
def test_a_span_that_does_not_lie_at_word_edges(tmp_path: Path, values: dict[str, int]) -> None:
    data = document()
    data["spans"][1].update(values)
    (read,) = gold.read(written(tmp_path, data), ["composed.jsonl"])
    (fault,) = gold.text_faults(read, TEXT)
    assert "one: span 1" in fault
    assert fault.endswith("does not lie at word edges")


def test_the_repositorys_own_gold_is_clean(in_root: Path) -> None:
    documents = gold.read()
    texts, missing = corpora.find(documents, [])
    assert [fault for d in documents if d.id in texts for fault in gold.text_faults(d, texts[d.id])] == []
    own = [d for d in documents if d.source in ("seeds", "composed")]
    assert {d.id for d in own} == set(texts)
    assert sum(d.source == "seeds" for d in own) == 5
    assert {d.id for d in documents} - set(missing) == set(texts)
    assert {d.part for d in documents} == set(gold.PARTS)
    assert all(d.text is None for d in documents if d.source in ("khaleej", "ant")), "public text stays out"


def test_the_gold_of_public_articles_is_clean_too(in_root: Path, shared: Path) -> None:
    documents = gold.read()
    texts, missing = corpora.find(documents, [shared / "data" / "text"])
    assert missing == []
    assert [fault for d in documents for fault in gold.text_faults(d, texts[d.id])] == []


def test_the_command_checks_and_counts(in_root: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert gold.main([]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    rows = {line.split()[0]: line.split()[1:] for line in out.split("\n") if line}
    assert rows["label"] == [*gold.PARTS, "all"]
    for row in rows.values():
        if len(row) == 4 and row[0].isdigit():
            assert sum(map(int, row[:3])) == int(row[3])
    assert len(rows) == 17


def test_the_command_fails_on_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = document()
    data["spans"][1]["label"] = "PLACE"
    (tmp_path / "annotations").mkdir()
    written(tmp_path / "annotations", data)
    for name in ("seeds.jsonl", "khaleej_ant.jsonl"):
        (tmp_path / "annotations" / name).write_text("", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert gold.main([]) == 1
    assert "composed.jsonl:1: one: span 1: unknown label 'PLACE'" in capsys.readouterr().err
    data["spans"][1].update(label="LOCATION", end=24)
    written(tmp_path / "annotations", data)
    assert gold.main([]) == 1
    assert "word edges" in capsys.readouterr().err
