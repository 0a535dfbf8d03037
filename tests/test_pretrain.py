"""Masked language modelling: which articles and words, the loss, and a run that is cut off and goes on."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tokenizers import Tokenizer

from hasila.windows import encode
from training import gold, masking, pretrain, rawtext
from training.corpora import sha256
from training.pretrain import PretrainRecipe
from training.rawtext import NO_WORD, Choice
from training.recipe import Recipe, RecipeError, read

ROOT = Path(__file__).parents[1]
WAR = "قصف الجيش المدينة وقتل ثلاثة جنود وجرح آخرون في الهجوم"
PEACE = "افتتح الوزير معرض الكتاب في العاصمة وشكر القائمين عليه"
TINY = """
name = "tiny"
base = "nowhere"
batch_size = 4
window = 48
hidden = 0.2
conflict_hits = 2
others = 1.0
watched = 0.1
save_steps = 2
bf16 = false
"""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    (tmp_path / "tiny.toml").write_text(TINY, encoding="utf-8")
    return tmp_path / "tiny.toml"


@pytest.fixture
def corpus(tmp_path: Path, composed: list[dict[str, Any]]) -> Path:
    """Twelve articles of train, one of test, and a stranger."""
    closed = next(d for d in gold.read(ROOT / "annotations") if d.part == "test" and d.text)
    folder = tmp_path / "corpus"
    folder.mkdir()
    articles = [*({"id": d["id"], "text": d["text"]} for d in composed[:12])]
    articles += [{"id": "copy", "text": closed.text}, {"id": "stranger", "text": PEACE}]
    (folder / "a.jsonl").write_text("\n".join(map(json.dumps, articles)), encoding="utf-8")
    return folder


def test_recipes_are_read_by_one_reader(recipe: Path) -> None:
    assert read(recipe, PretrainRecipe).window == 48
    shipped = read(ROOT / "configs" / "pretrain-small.toml", PretrainRecipe)
    assert shipped.hidden == 0.2
    assert read(ROOT / "configs" / "arabertv02.toml").arabert_normalizer
    with pytest.raises(RecipeError, match=r"pretrain-small\.toml: unknown key 'hidden'"):
        read(ROOT / "configs" / "pretrain-small.toml", Recipe)


@pytest.mark.parametrize(
    ("line", "message"),
    [("windo = 3", "unknown key 'windo'"), ("epochs = '3'", "epochs must be float"), ("x", "tiny.toml")],
)
def test_a_wrong_recipe_names_the_key(recipe: Path, line: str, message: str) -> None:
    recipe.write_text(f"{TINY}\n{line}\n", encoding="utf-8")
    with pytest.raises(RecipeError, match=message):
        read(recipe, PretrainRecipe)


def test_a_missing_key_is_named(recipe: Path) -> None:
    recipe.write_text('name = "x"\n', encoding="utf-8")
    with pytest.raises(RecipeError, match="missing key 'base'"):
        read(recipe, PretrainRecipe)


@pytest.mark.parametrize(("text", "hits"), [(WAR, 5), (PEACE, 0), ("تهاون المسؤول وتقاتل الفريقان", 0)])
def test_conflict_words_are_counted(text: str, hits: int) -> None:
    assert rawtext.is_conflict(text, hits)
    assert not rawtext.is_conflict(text, hits + 1)


def test_articles_are_chosen_and_counted() -> None:
    found = [("a", WAR), ("b", WAR), ("c", PEACE), ("closed", f"{WAR}."), ("d", f"{WAR}؟"), ("e", f"{WAR}!")]
    held = frozenset({"closed", sha256(f"{WAR}؟")})
    tally: Counter[str] = Counter()
    assert list(rawtext.choose(found, Choice(held, 3, 0.0), tally)) == [WAR, f"{WAR}!"]
    assert tally == {"conflict": 2, "repeated": 1, "left out": 1, "of dev or test": 2}
    assert PEACE in list(rawtext.choose(found, Choice(held, 3, 1.0), Counter()))
    many = [(str(n), f"{PEACE} {n}") for n in range(400)]
    share = list(rawtext.choose(many, Choice(held, 3, 0.25), Counter()))
    assert share == list(rawtext.choose(many, Choice(held, 3, 0.25), Counter()))
    assert 60 < len(share) < 140


def test_the_gold_of_dev_and_test_is_held_out() -> None:
    documents = gold.read(ROOT / "annotations")
    held = rawtext.held_out(documents)
    for document in documents:
        assert ({document.id, document.sha256} <= held) == (document.part != "train")


def test_windows_hold_the_text_and_its_words(unigram: Tokenizer, composed: list[dict[str, Any]]) -> None:
    text = composed[0]["text"]
    pieces = encode(unigram, text)
    rows = list(rawtext.windows_of(unigram, [text], 40))
    inner = [piece for row in rows for piece in row["input_ids"][1:-1]]
    assert inner == list(pieces.ids)[: len(inner)]
    assert len(pieces.ids) - len(inner) < rawtext.SHORTEST
    for row in rows:
        assert row["length"] == len(row["input_ids"]) == len(row["words"]) <= 40
        assert row["words"][0] == row["words"][-1] == NO_WORD
        assert row["words"][1] == 0
    firsts = [a != b for row in rows for a, b in zip(row["words"], row["words"][1:-1], strict=False)]
    begins = sorted({first for first in pieces.first if first >= 0})
    assert [index for index, begin in enumerate(firsts) if begin] == [b for b in begins if b < len(inner)]


def batch(words: int, seed: int = 5) -> tuple[Any, Any, Any]:
    """(hiding, ids, words): 20 rows of `words` words of three pieces each between two special pieces."""
    import torch

    ids = torch.arange(words * 3).remainder(500).repeat(20, 1) + 10 + torch.arange(20)[:, None]
    numbers = torch.arange(words).repeat_interleave(3).repeat(20, 1)
    ids = torch.nn.functional.pad(ids, (1, 1), value=1)
    hiding = masking.WholeWords(0, 4, torch.arange(600, 1000), 0.2, seed)
    return hiding, ids, torch.nn.functional.pad(numbers, (1, 1), value=NO_WORD)


def test_a_fifth_of_the_words_is_hidden_whole() -> None:
    hiding, ids, words = batch(200)
    shown, labels = hiding.hide(ids, words)
    hidden = labels != masking.IGNORED
    assert not hidden[:, 0].any()
    assert not hidden[:, -1].any()
    assert (labels[hidden] == ids[hidden]).all()
    assert (shown[~hidden] == ids[~hidden]).all()
    whole = hidden[:, 1:-1].reshape(20, -1, 3)
    assert (whole.all(2) == whole.any(2)).all()
    assert whole[..., 0].float().mean().item() == pytest.approx(0.2, abs=0.03)
    masked, other = shown[hidden] == 4, shown[hidden] >= 600
    assert masked.float().mean().item() == pytest.approx(0.8, abs=0.05)
    assert other.float().mean().item() == pytest.approx(0.1, abs=0.04)
    assert ((shown == 4)[:, 1:-1].reshape(20, -1, 3).sum(2) % 3 == 0).all()


def test_the_batch_and_the_seed_decide_what_is_hidden() -> None:
    hiding, ids, words = batch(50)
    assert (hiding.hide(ids, words)[1] == hiding.hide(ids, words)[1]).all()
    assert (hiding.hide(ids, words)[1] != batch(50, seed=6)[0].hide(ids, words)[1]).any()
    turned = ids.flip(0)
    assert (hiding.hide(turned, words)[1].flip(0) != hiding.hide(ids, words)[1]).any()


def test_the_head_sees_hidden_pieces_alone_and_the_loss_is_the_same(base_folder: Path) -> None:
    import torch
    from transformers import BertForMaskedLM

    model = BertForMaskedLM.from_pretrained(base_folder).eval()
    ids = torch.arange(5, 65).reshape(2, 30)
    labels = torch.full_like(ids, masking.IGNORED)
    labels[0, 3:6] = ids[0, 3:6]
    inputs = {"input_ids": ids, "attention_mask": torch.ones_like(ids), "labels": labels}
    with torch.no_grad():
        expected = model(**inputs).loss
        seen: list[torch.Size] = []
        model.cls.register_forward_pre_hook(lambda _, given: seen.append(given[0].shape))
        found = masking.only_hidden(model)(**inputs).loss
        nothing = model(**{**inputs, "labels": torch.full_like(ids, masking.IGNORED)}).loss
    assert torch.allclose(found, expected, atol=1e-5)
    assert seen[0] == (3, model.config.hidden_size)
    assert nothing == 0


def test_a_head_that_is_not_known_is_named(classifier: Any) -> None:
    with pytest.raises(ValueError, match="BertForTokenClassification has none of the masked-LM heads"):
        masking.only_hidden(classifier)


@pytest.mark.usefixtures("in_root")
def test_a_run_goes_on_where_it_was_cut_off(
    base_folder: Path, recipe: Path, corpus: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Bit for bit, past a damaged newest checkpoint."""
    import torch
    from safetensors.torch import load_file
    from transformers import AutoModelForMaskedLM

    out = tmp_path / "out"
    call = [str(recipe), "--corpus", str(corpus), "--base", str(base_folder), "--out", str(out)]
    assert pretrain.main([*call, "--max-steps", "4"]) == 0
    assert "'of dev or test': 1" in capsys.readouterr().out
    first = load_file(out / "model.safetensors")
    began = load_file(base_folder / "model.safetensors")
    assert not torch.equal(first["cls.predictions.bias"], began["cls.predictions.bias"])
    (out / "checkpoint-4" / "optimizer.pt").unlink()
    (out / "model.safetensors").unlink()
    assert pretrain.main([*call, "--max-steps", "4"]) == 0
    again = load_file(out / "model.safetensors")
    assert first.keys() == again.keys()
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert AutoModelForMaskedLM.from_pretrained(out).config.architectures == ["BertForMaskedLM"]
    metrics = json.loads((out / "metrics.json").read_text(encoding="utf-8"))
    assert metrics["articles"]["of dev or test"] == 1
    assert metrics["loss"] > 0
    recipe.write_text(TINY.replace("window = 48", "window = 64"), encoding="utf-8")
    assert pretrain.main(call) == 2
    assert "choose another --out" in capsys.readouterr().err


@pytest.mark.slow
def test_two_processes(
    base_folder: Path, recipe: Path, corpus: Path, tmp_path: Path, python: Callable[..., Any]
) -> None:
    """The configuration for several GPUs, whose processes take the CPU where there is none."""
    out = tmp_path / "out"
    run = python(
        *("-m", "accelerate.commands.launch", "--config_file", "configs/accelerate/multi-gpu.yaml"),
        *("--num_processes", 2, "--main_process_port", 0),
        *("-m", "training.pretrain", recipe, "--corpus", corpus, "--base", base_folder),
        *("--out", out, "--max-steps", 2),
    )
    assert run.returncode == 0, run.stderr.decode()[-2000:]
    assert (out / "model.safetensors").is_file()
    assert (out / "checkpoint-2" / "rng_state_1.pth").is_file()
    shutil.rmtree(out)
