"""Cutting a vocabulary: what is kept, and that the model says the same of every text that is covered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tokenizers import Tokenizer, models

from training import trim

WORDS = "قتل جندي في بغداد وجرح مدني في الموصل"


@pytest.fixture
def corpus(tmp_path: Path, composed: list[dict[str, Any]]) -> Path:
    folder = tmp_path / "corpus"
    folder.mkdir()
    lines = [json.dumps({"id": d["id"], "text": d["text"]}) for d in composed[60:66]]
    (folder / "news.jsonl").write_text("\n".join(lines), encoding="utf-8")
    (folder / "one.txt").write_text(WORDS, encoding="utf-8")
    return folder


def texts_of(corpus: Path) -> list[str]:
    return [text for _, text in trim.corpora.articles(corpus)]


def save(model: Any, tokenizer: Tokenizer, folder: Path, special: dict[str, str]) -> Path:
    model.save_pretrained(folder)
    tokenizer.save(str(folder / "tokenizer.json"))
    config = {**special, "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def assert_says_the_same(whole: Path, cut: Path, texts: list[str]) -> None:
    """Same pieces, and for each of them the same logits as before, over the pieces that were kept."""
    import torch
    from transformers import AutoModelForMaskedLM, AutoTokenizer

    before = trim.load_tokenizer(str(whole), None)
    after = AutoTokenizer.from_pretrained(cut)
    kept = before.convert_tokens_to_ids(after.convert_ids_to_tokens(range(len(after))))
    large = AutoModelForMaskedLM.from_pretrained(whole).eval()
    small = AutoModelForMaskedLM.from_pretrained(cut).eval()
    assert small.get_input_embeddings().num_embeddings == small.config.vocab_size == len(after) < len(before)
    for text in texts:
        short = text[: text.rfind(" ", 0, 300)]
        assert after.tokenize(short) == before.tokenize(short)
        inputs, ids = before(short, return_tensors="pt"), after(short, return_tensors="pt")["input_ids"]
        mask = inputs["attention_mask"]
        with torch.no_grad():
            expected = large(input_ids=inputs["input_ids"], attention_mask=mask).logits[..., kept]
            found = small(input_ids=ids, attention_mask=mask).logits
        assert torch.allclose(expected, found, atol=1e-5)


def test_unigram(base_folder: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "out"
    code = trim.main([str(base_folder), "--corpus", str(corpus), "--out", str(out), "--at-least", "1"])
    assert code == 0
    assert "which cover 100.00% of the corpus's" in capsys.readouterr().out
    assert_says_the_same(base_folder, out, texts_of(corpus))
    assert (out / "model.safetensors").is_file()
    names = json.loads((out / "tokenizer_config.json").read_text(encoding="utf-8"))
    assert names["tokenizer_class"] == "PreTrainedTokenizerFast"
    assert json.loads((out / "config.json").read_text(encoding="utf-8"))["pad_token_id"] == 1


def test_wordpiece_with_an_untied_head(wordpiece: Tokenizer, corpus: Path, tmp_path: Path) -> None:
    import torch
    from transformers import BertConfig, BertForMaskedLM

    wordpiece = Tokenizer.from_str(wordpiece.to_str())
    wordpiece.add_tokens(["[رابط]"])  # behind the model's own vocabulary, as users add them
    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = BertConfig(vocab_size=len(wordpiece.get_vocab()) + 8, tie_word_embeddings=False, **size)
    torch.manual_seed(3)
    model = BertForMaskedLM(config)
    torch.nn.init.normal_(model.cls.predictions.bias)
    special = {"unk_token": "[UNK]", "pad_token": "[PAD]", "cls_token": "[CLS]", "mask_token": "[MASK]"}
    whole = save(model, wordpiece, tmp_path / "whole", special)
    said = trim.trim(str(whole), None, texts_of(corpus), tmp_path / "out", at_least=1)
    assert "which cover 100.00%" in said
    assert_says_the_same(whole, tmp_path / "out", [*texts_of(corpus), f"{WORDS} [رابط] [MASK]"])
    cut = Tokenizer.from_file(str(tmp_path / "out" / "tokenizer.json"))
    assert cut.encode("قتل").tokens[0] == "[CLS]"
    assert cut.token_to_id("##7") is not None
    weights = BertForMaskedLM.from_pretrained(tmp_path / "out")
    assert weights.get_input_embeddings().weight is not weights.get_output_embeddings().weight


def test_an_encoder_alone_stays_one(unigram: Tokenizer, corpus: Path, tmp_path: Path) -> None:
    from transformers import BertConfig, BertModel

    size = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    encoder = BertModel(BertConfig(vocab_size=unigram.get_vocab_size(), pad_token_id=1, **size))
    whole = save(encoder, unigram, tmp_path / "whole", {"pad_token": "<pad>", "mask_token": "<mask>"})
    trim.trim(str(whole), None, texts_of(corpus), tmp_path / "out", at_least=2)
    config = json.loads((tmp_path / "out" / "config.json").read_text(encoding="utf-8"))
    assert config["architectures"] == ["BertModel"]
    assert config["vocab_size"] < unigram.get_vocab_size()
    assert config["pad_token_id"] == 1


def test_what_is_kept(wordpiece: Tokenizer) -> None:
    counts = np.zeros(wordpiece.get_vocab_size(), dtype=np.int64)
    long = [i for piece, i in wordpiece.get_vocab().items() if piece.isalpha() and len(piece) > 2]
    frequent, rare = long[:2]
    counts[frequent], counts[rare] = 3, 2
    pieces = {wordpiece.id_to_token(index) for index in trim.kept(wordpiece, counts, 3)}
    assert wordpiece.id_to_token(frequent) in pieces
    assert wordpiece.id_to_token(rare) not in pieces
    assert {"[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "ق", "##ق", "7", "##7", ".", "،"} <= pieces
    assert {piece for piece in pieces if len(piece.removeprefix("##")) > 1 and piece[0] != "["} == {
        wordpiece.id_to_token(frequent)
    }


def test_counts_are_those_of_the_text(unigram: Tokenizer) -> None:
    counts = trim.count(unigram, [WORDS] * 70)  # more than a batch
    for piece in set(unigram.encode(WORDS, add_special_tokens=False).tokens):
        once = unigram.encode(WORDS, add_special_tokens=False).tokens.count(piece)
        assert counts[unigram.token_to_id(piece)] == 70 * once
    assert trim.count(unigram, ["\ud800"]).any()  # a lone surrogate, which the tokenizer refuses


def test_a_tokenizer_of_another_kind_is_refused() -> None:
    tokenizer = Tokenizer(models.BPE({"ا": 0, "ب": 1}, []))
    with pytest.raises(trim.TrimError, match="BPE"):
        trim.cut_tokenizer(tokenizer, [0])


def test_a_corpus_without_text_is_one_line(
    base_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "empty").mkdir()
    out = tmp_path / "out"
    assert trim.main([str(base_folder), "--corpus", str(tmp_path / "empty"), "--out", str(out)]) == 1
    assert "no .parquet, .jsonl or .txt" in capsys.readouterr().err
    assert not out.exists()
    with pytest.raises(SystemExit) as stopped:
        trim.main([str(base_folder), "--corpus", str(tmp_path / "absent"), "--out", str(out)])
    assert stopped.value.code == 2
