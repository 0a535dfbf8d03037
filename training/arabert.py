"""What AraBERT v0.2 was shown in place of the raw text, carried by `tokenizer.json` itself.

AraBERT's weights were trained on text that its own preprocessor had rewritten. `with_preprocessing` puts
the same steps before a tokenizer's own, as normalizer and pre-tokenizer steps that keep the way back to
the untouched characters, so that any reader of the checkpoint gets right offsets without that package.
A recipe asks for it with `arabert_normalizer = true`.

The preprocessor (`arabert` 1.0.1 on PyPI, model "bert-base-arabertv02") was the oracle for the steps and
for tests/cases/arabert.tsv. Left out on purpose is what puts other text in place of text, since nothing
would lead back: links, mail addresses and mentions are cut into words, HTML markup and entities are read
as they stand. Two things are kept that it loses: Persian digits, and a hamza or madda written as a mark of
its own. Farasa segmentation (v1 and v2 models) is not here.
"""

from __future__ import annotations

import json
from typing import Any

from tokenizers import Tokenizer

Step = dict[str, Any]

_LETTERS = r"\u0621-\u063a\u0641-\u064a"
_KEPT_SIGNS = (
    r"\[\]!\x22#$%'()*+,.:;\-<=>?@\\^_`{|}~"
    r"\u00b7\u2014\u066a\u060c\u061f\u0b4d\u201c\u061b\u201d\u06da\u00bb\u00ab\u2013\u2026\u2018"
)
# The oracle's vocabulary has seen no other character: each of the rest is a blank to it.
_KEPT = rf"0-9\u0621-\u063a\u0640-\u066c\u0671-\u0674a-zA-Z\s{_KEPT_SIGNS}"
_EASTERN_DIGITS = ("٠١٢٣٤٥٦٧٨٩", "۰۱۲۳۴۵۶۷۸۹")
# A number that touches an Arabic letter; "F16" and "16F" stay whole, as they do for the oracle.
_BESIDE_LETTER = rf"[0-9]+(?=[{_LETTERS}\u066a-\u066c])|(?<=[{_LETTERS}\u066a-\u066c])[0-9]+"


def with_preprocessing(tokenizer: Tokenizer) -> Tokenizer:
    """A copy that reads raw text as AraBERT's preprocessor rewrites it. Applied twice, it adds nothing."""
    data = json.loads(tokenizer.to_str())
    data["normalizer"] = _before(_normalizers(), data["normalizer"], "normalizers")
    data["pre_tokenizer"] = _before(_splits(), data["pre_tokenizer"], "pretokenizers")
    return Tokenizer.from_str(json.dumps(data))


def _before(steps: list[Step], own: Step | None, members: str) -> Step:
    rest = own[members] if own and own["type"] == "Sequence" else [own] if own else []
    return {"type": "Sequence", members: [*steps, *(step for step in rest if step not in steps)]}


def _normalizers() -> list[Step]:
    """The rewriting steps, in the oracle's order: each keeps, drops or exchanges single characters."""
    digits = [_exchange({"String": e}, str(n)) for row in _EASTERN_DIGITS for n, e in enumerate(row)]
    return [
        {"type": "NFC"},
        _exchange({"Regex": r"[\u064b-\u0652\u0640]+"}, ""),  # tashkeel, tatweel
        *digits,
        # \K keeps the first two of a run: with a look-ahead the last two would stay, and a word
        # that begins with the run would begin too late.
        _exchange({"Regex": r"(\D)\1\K\1+"}, ""),
        _exchange({"String": "/"}, "-"),
        _exchange({"Regex": rf"[^{_KEPT}]"}, " "),
    ]


def _exchange(pattern: Step, content: str) -> Step:
    return {"type": "Replace", "pattern": pattern, "content": content}


def _splits() -> list[Step]:
    """Signs and marks stand alone, and so does a number beside an Arabic letter."""
    patterns = (rf"[^0-9a-zA-Z{_LETTERS}\[\]\s]", _BESIDE_LETTER)
    return [
        {"type": "Split", "pattern": {"Regex": p}, "behavior": "Isolated", "invert": False} for p in patterns
    ]
