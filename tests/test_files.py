"""Articles in: what is read is what the bytes say, and each bad input is one line that names it."""

from __future__ import annotations

import datetime as dt
import io
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hasila.files import Article, Failure, parse_date, read, read_stream

TEXT = "قتل ثلاثة مدنيين"


def lines(path: Path, *rows: object) -> Path:
    """A JSONL file; bytes and strings stand as they are."""
    data = [
        row if isinstance(row, bytes) else row.encode() if isinstance(row, str) else json.dumps(row).encode()
        for row in rows
    ]
    path.write_bytes(b"\n".join(data) + b"\n")
    return path


def failures(*paths: Path) -> list[str]:
    return [str(item) for item in read(paths) if isinstance(item, Failure)]


def articles(*paths: Path) -> list[Article]:
    return [item for item in read(paths) if isinstance(item, Article)]


def test_a_text_file_is_one_article(tmp_path: Path) -> None:
    path = tmp_path / "001.txt"
    path.write_bytes(TEXT.encode())
    assert list(read([path])) == [Article("001", TEXT, str(path))]


@pytest.mark.parametrize(
    "text",
    ["\ufeff" + TEXT, "سطر\r\nسطر\r\n", "سطر\rسطر\u2028سطر", "قبل\0بعد", " \n", "😀 قتل"],
    ids=["BOM", "CRLF", "CR and U+2028", "NUL", "blank", "astral"],
)
def test_the_text_is_what_the_bytes_say(tmp_path: Path, text: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(text.encode())
    assert articles(path)[0].text == text
    assert [a.text for a in read_stream(io.BytesIO(text.encode())) if isinstance(a, Article)] == [text]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty file"),
        ("سطر\n".encode() + b"ab\xff", "not UTF-8: byte 0xff at offset 9 (line 2)"),
        ("قتل".encode()[:-1], "not UTF-8: byte 0xd9 at offset 4 (line 1)"),
        (b"\xed\xa0\x80", "not UTF-8: byte 0xed at offset 0 (line 1)"),
        (TEXT.encode("utf-16"), "not UTF-8 but UTF-16"),
        (TEXT.encode("cp1256"), "not UTF-8: byte 0xde at offset 0"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not UTF-8: byte 0x89 at offset 0"),
    ],
    ids=["empty", "bad byte", "cut off", "surrogate", "UTF-16", "cp1256", "binary"],
)
def test_a_file_that_cannot_be_read(tmp_path: Path, data: bytes, reason: str) -> None:
    path = tmp_path / "bad.txt"
    path.write_bytes(data)
    (failure,) = failures(path)
    assert failure.startswith(f"{path}: {reason}")
    (other,) = read_stream(io.BytesIO(data))
    assert str(other).startswith(f"stdin: {reason}")


def test_a_file_that_is_not_there_or_of_another_kind(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF")
    assert failures(tmp_path / "no.txt", tmp_path / "no.jsonl", tmp_path / "a.pdf", tmp_path / "no.pdf") == [
        f"{tmp_path}/no.txt: no such file",
        f"{tmp_path}/no.jsonl: no such file",
        f"{tmp_path}/a.pdf: unknown kind of file '.pdf'; known are .txt and .jsonl",
        f"{tmp_path}/no.pdf: no such file",
    ]


def test_a_name_that_no_disk_takes_does_not_stop_the_rest(tmp_path: Path) -> None:
    good = tmp_path / "a.txt"
    good.write_bytes(TEXT.encode())
    found = list(read([tmp_path / ("n" * 300 + ".txt"), good]))
    assert isinstance(found[0], Failure)
    assert isinstance(found[1], Article)


def test_folders_are_walked_in_order(tmp_path: Path) -> None:
    for name in ("b.txt", "sub/c.txt", "a.txt", "sub/d.md", "notes"):
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(TEXT.encode())
    lines(tmp_path / "sub" / "e.jsonl", {"text": TEXT})
    assert [a.id for a in articles(tmp_path)] == ["a", "b", "c", f"{tmp_path}/sub/e.jsonl:1"]
    assert failures(tmp_path) == []


def test_a_folder_with_nothing_to_read(tmp_path: Path) -> None:
    (tmp_path / "dates.tsv").write_text("id\tdate\n", encoding="utf-8")
    assert failures(tmp_path) == [f"{tmp_path}: no .txt or .jsonl file in this folder"]


def test_dates_of_text_files_stand_in_a_table_beside_them(tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / f"{name}.txt").write_bytes(TEXT.encode())
    table = tmp_path / "dates.tsv"
    table.write_bytes("\ufeffid\tdate\tnote\r\na\t2016-10-06\tx\r\nb\tyesterday\r\n\r\nrest\r\n".encode())
    a, b, c = articles(tmp_path)
    assert (a.date, a.warnings) == (dt.date(2016, 10, 6), ())
    assert b.date is None
    assert b.warnings == (f"{table} (b): date 'yesterday' is not YYYY-MM-DD; read without a date",)
    assert (c.date, c.warnings) == (None, ())


def test_a_line_has_text_and_may_have_id_date_and_more(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"id": "x", "text": TEXT, "date": "2016-10-06T12:30:00Z", "outlet": "o", "tags": [1]},
        {"id": 7, "text": TEXT, "date": "06/10/2016"},
        "",
        {"text": TEXT, "date": None},
        {"text": "\ud800 " + TEXT, "date": ""},
    )
    x, seven, third, fourth = articles(path)
    assert x == Article("x", TEXT, f"{path}:1", dt.date(2016, 10, 6), {"outlet": "o", "tags": [1]})
    assert (seven.id, seven.date) == ("7", dt.date(2016, 10, 6))
    assert (third.id, third.origin, third.date, third.meta) == (f"{path}:4", f"{path}:4", None, {})
    assert fourth.text[0] == "\ud800"
    assert failures(path) == []


def test_a_date_that_cannot_be_read_is_kept_and_warned_of(tmp_path: Path) -> None:
    path = lines(tmp_path / "a.jsonl", {"text": TEXT, "date": "6 October"}, {"text": TEXT, "date": [1]})
    for article, value in zip(articles(path), ("6 October", [1]), strict=True):
        assert article.date is None
        assert article.meta == {"date": value}
        assert article.warnings[0].startswith(f"{article.origin}: date ")


def test_each_broken_line_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    path = lines(
        tmp_path / "a.jsonl",
        {"text": TEXT},
        '{"text": "قتل',
        "[]",
        '{"id": 1}',
        '{"text": 5}',
        '{"text": ""}',
        "null",
        b'{"text": "\xff"}',
        "[" * 100_000,
        '{"text": ' + "1" * 5000 + "}",
        {"text": "آخر"},
    )
    found = list(read([path]))
    assert [item.id for item in found if isinstance(item, Article)] == [f"{path}:1", f"{path}:11"]
    told = [str(item) for item in found if isinstance(item, Failure)]
    assert [line.removeprefix(f"{path}:").split(":")[0] for line in told] == [str(n) for n in range(2, 11)]
    assert "not JSON" in told[0]
    assert all("no text" in told[index] for index in (1, 2, 3, 5))
    assert "empty text" in told[4]
    assert "not UTF-8: byte 0xff at column 11" in told[6]
    assert all("\n" not in line and len(line) < 400 for line in told)


@pytest.mark.parametrize("data", [b"", b"\n \r\n", b"\xef\xbb\xbf\n"])
def test_a_file_without_lines(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(data)
    assert failures(path) == [f"{path}: empty file"]


def test_a_byte_order_mark_and_crlf_around_json_are_no_part_of_a_text(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf" + json.dumps({"id": "1", "text": "قتل\r\n"}).encode() + b"\r\n")
    (article,) = articles(path)
    assert (article.id, article.text) == ("1", "قتل\r\n")


def test_utf16_lines_are_refused_as_such(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(json.dumps({"text": TEXT}).encode("utf-16"))
    assert all("not UTF-8" in failure for failure in failures(path))
    assert failures(path)


@pytest.mark.parametrize(
    ("value", "date"),
    [
        ("2016-10-06", dt.date(2016, 10, 6)),
        (" 2016-10-06 ", dt.date(2016, 10, 6)),
        ("2016-10-06 08:00", dt.date(2016, 10, 6)),
        ("06/10/2016", dt.date(2016, 10, 6)),
        ("6/1/2016", dt.date(2016, 1, 6)),
        ("٠٦/١٠/٢٠١٦", dt.date(2016, 10, 6)),
    ],
)
def test_dates(value: str, date: dt.date) -> None:
    assert parse_date(value) == date


@pytest.mark.parametrize(
    "value", ["", "2016", "31/02/2016", "2016-02-31", "13/13/2016", "2016-W40-4", "20161006", "06/10/20161"]
)
def test_what_is_no_date(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        parse_date(value)


@given(data=st.binary(max_size=60), suffix=st.sampled_from([".txt", ".jsonl"]))
@settings(max_examples=80)
def test_any_bytes_are_an_article_or_one_line(tmp_path: Path, data: bytes, suffix: str) -> None:
    path = tmp_path / f"a{suffix}"
    path.write_bytes(data)
    for item in read([path]):
        if isinstance(item, Failure):
            assert "\n" not in str(item)
            assert str(item).startswith(str(path))
        else:
            assert item.text
            assert suffix == ".jsonl" or item.text.encode() == data
