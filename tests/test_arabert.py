"""AraBERT's preprocessing inside tokenizer.json: a table of words, offsets for any text, the whole path."""

from __future__ import annotations

import json
import re
import shutil
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Encoding, Tokenizer, models, normalizers, pre_tokenizers, processors, trainers

from hasila.arabic import fold_text
from hasila.document import Span
from hasila.windows import encode
from training import corpora
from training.align import with_word_edges
from training.arabert import with_preprocessing
from training.corpora import TrainingDocument

ROOT = Path(__file__).parents[1]
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
_WRITTEN_OUT = re.compile(r"\\u([0-9a-f]{4})|\\(n|t)")

TEXTS = st.text(
    st.one_of(
        st.sampled_from(
            'قتلجرحىأآؤئء\u0640\u064e\u0651\u0670\u0653\u0654٢۳57،.-/"«[]%\n\t\u200f\u200c\ufeff_Fa '
        ),
        st.characters(exclude_categories=["Cs"]),
    ),
    max_size=60,
)


def rows() -> list[tuple[str, list[str]]]:
    lines = (ROOT / "tests" / "cases" / "arabert.tsv").read_text(encoding="utf-8").split("\n")[1:]
    cells = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return [(_characters(row[0]), row[1].split(" ")) for row in cells]


def _characters(cell: str) -> str:
    return _WRITTEN_OUT.sub(lambda m: chr(int(m[1], 16)) if m[1] else {"n": "\n", "t": "\t"}[m[2]], cell)


@pytest.fixture(scope="session")
def bare(composed: list[dict[str, Any]]) -> Tokenizer:
    """A WordPiece tokenizer as AraBERT's is, its vocabulary trained on words that were preprocessed."""
    tokenizer = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    trained = with_preprocessing(tokenizer)
    texts = [document["text"] for document in composed[:60]] + [text for text, _ in rows()]
    trainer = trainers.WordPieceTrainer(vocab_size=2000, special_tokens=SPECIAL, show_progress=False)
    trained.train_from_iterator(texts, trainer)
    tokenizer.model = models.WordPiece(trained.get_vocab(), unk_token="[UNK]")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(SPECIAL)
    return tokenizer


@pytest.fixture(scope="session")
def arabert(bare: Tokenizer) -> Tokenizer:
    return with_word_edges(with_preprocessing(bare))


def words_of(encoding: Encoding) -> list[str]:
    words: dict[int, str] = {}
    for token, word in zip(encoding.tokens, encoding.word_ids, strict=True):
        words[word] = words.get(word, "") + token.removeprefix("##")
    return list(words.values())


@pytest.mark.parametrize(("text", "expected"), rows(), ids=ascii)
def test_words(arabert: Tokenizer, text: str, expected: list[str]) -> None:
    assert words_of(arabert.encode(text, add_special_tokens=False)) == expected


def test_the_table_is_no_echo_of_the_bare_tokenizer(bare: Tokenizer) -> None:
    other = [text for text, words in rows() if words_of(bare.encode(text, add_special_tokens=False)) != words]
    assert len(other) >= 25


def said(text: str) -> str:
    """What a text and the token made of it must have in common."""
    folded = fold_text(unicodedata.normalize("NFC", text).replace("/", "-"))
    return re.sub(r"(\D)\1{2,}", r"\1\1", folded)


def assert_true_offsets(tokenizer: Tokenizer, text: str) -> None:
    encoding = tokenizer.encode(text, add_special_tokens=False)
    for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
        assert 0 <= start < end <= len(text)
        if token != "[UNK]":
            assert said(text[start:end]) == said(token.removeprefix("##")), (token, text[start:end])


def test_offsets_of_the_table_and_of_articles(arabert: Tokenizer, composed: list[dict[str, Any]]) -> None:
    for text in [text for text, _ in rows()] + [document["text"] for document in composed[:20]]:
        assert_true_offsets(arabert, text)


@settings(max_examples=200)
@given(TEXTS)
def test_offsets_of_any_text(arabert: Tokenizer, text: str) -> None:
    assert_true_offsets(arabert, text)


def test_every_word_of_an_article_is_read(arabert: Tokenizer, composed: list[dict[str, Any]]) -> None:
    for document in composed[:20]:
        pieces = encode(arabert, document["text"])
        unread = {
            document["text"][start:end]
            for (start, end), first in zip(pieces.words, pieces.first, strict=True)
            if first < 0
        }
        assert unread <= {"•"}  # a blank to AraBERT


def test_applied_twice_it_adds_nothing(arabert: Tokenizer) -> None:
    assert with_preprocessing(arabert).to_str() == arabert.to_str()


def test_a_saved_checkpoint_carries_it(bare: Tokenizer, arabert: Tokenizer, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    from training.train import load_tokenizer

    text = "قُتِلَ ٢٥جنديًا في العـــراق"
    base = save_base(bare, tmp_path / "base", {"model_type": "bert", "vocab_size": bare.get_vocab_size()})
    plain = load_tokenizer(str(base), None)
    assert plain.backend_tokenizer.encode(text).tokens != arabert.encode(text).tokens
    load_tokenizer(str(base), None, arabert=True).save_pretrained(tmp_path / "out")
    saved = AutoTokenizer.from_pretrained(tmp_path / "out")(text, return_offsets_mapping=True)
    assert saved.tokens() == arabert.encode(text).tokens
    assert saved["offset_mapping"] == arabert.encode(text).offsets


def save_base(tokenizer: Tokenizer, folder: Path, config: dict[str, Any]) -> Path:
    """A folder as AraBERT's is on the hub, less the weights."""
    folder.mkdir(exist_ok=True)
    tokenizer.save(str(folder / "tokenizer.json"))
    vocabulary = sorted(tokenizer.get_vocab(), key=tokenizer.token_to_id)
    (folder / "vocab.txt").write_text("\n".join(vocabulary) + "\n", encoding="utf-8")
    names = {"tokenizer_class": "BertTokenizer", "do_lower_case": False, "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(names), encoding="utf-8")
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def few_documents(composed: list[dict[str, Any]]) -> list[TrainingDocument]:
    """Three short articles to learn from and one of dev."""
    short = sorted(composed, key=lambda document: len(document["text"]))[:4]
    documents = []
    for index, document in enumerate(short):
        text = document["text"]
        spans = tuple(
            Span(s["start"], s["end"], s["label"], text[s["start"] : s["end"]]) for s in document["spans"]
        )
        part = "dev" if index == 0 else "train"
        documents.append(TrainingDocument(document["id"], part, "composed", None, 0, text, spans))
    return documents


@pytest.mark.slow
def test_fine_tuning_a_same_shape_checkpoint(
    bare: Tokenizer,
    arabert: Tokenizer,
    composed: list[dict[str, Any]],
    tmp_path: Path,
    python: Callable[..., Any],
) -> None:
    """configs/arabertv02.toml on 12 layers x 768 of random weights, one step, and a plain pipeline on it."""
    import torch
    from transformers import BertConfig, BertModel, pipeline

    config = BertConfig(vocab_size=bare.get_vocab_size())
    base = save_base(bare, tmp_path / "base", config.to_dict())
    torch.manual_seed(1)
    BertModel(config).save_pretrained(base)
    corpora.write(few_documents(composed), tmp_path / "documents.jsonl")
    # Where the CPU lacks AVX-512 BF16 a step in it takes minutes; the recipe says to leave it out there.
    recipe = (ROOT / "configs" / "arabertv02.toml").read_text(encoding="utf-8")
    (tmp_path / "cpu.toml").write_text(recipe.replace("bf16 = true", "bf16 = false"), encoding="utf-8")
    out = tmp_path / "out"
    run = python(
        *("-m", "accelerate.commands.launch", "--config_file", "configs/accelerate/cpu.yaml"),
        *("-m", "training.train", tmp_path / "cpu.toml", "--base", base, "--out", out),
        *("--documents", tmp_path / "documents.jsonl", "--max-steps", 1),
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["recipe"]["arabert_normalizer"] is True
    assert metrics["best"]["step"] == 1
    tag = pipeline("token-classification", str(out), device=-1)
    text = "قُتِلَ ٢٥جنديًا في العـــراق"
    found = [(token["start"], token["end"]) for token in tag(text, ignore_labels=[])]
    assert found == arabert.encode(text, add_special_tokens=False).offsets
    shutil.rmtree(tmp_path)  # a gigabyte that pytest would keep
