"""What many tests share: a random two-layer BERT with our tags, as a checkpoint and as an ONNX model.

It is made once a session from the own texts of `annotations/composed.jsonl`, so nothing is downloaded. Its
vocabulary is counted, not trained: the same on every machine.
"""

from __future__ import annotations

import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors

# Read by the runtimes when they load, which they do later: one thread, and no hub.
for _name, _value in (("OMP_NUM_THREADS", "1"), ("TOKENIZERS_PARALLELISM", "false"), ("HF_HUB_OFFLINE", "1")):
    os.environ.setdefault(_name, _value)

ROOT = Path(__file__).parents[1]
EMBEDDED = ROOT / "inference" / "hasila" / "model" / "small"
E5_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")
BERT_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
E5_NAMES = {"bos_token": "<s>", "cls_token": "<s>", "eos_token": "</s>", "sep_token": "</s>"}

settings.register_profile(
    "hasila",
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("hasila")


@pytest.fixture(scope="session")
def composed() -> list[dict[str, Any]]:
    """The composed documents of the train part, as they stand in the file."""
    with (ROOT / "annotations" / "split.tsv").open(encoding="utf-8", newline="") as lines:
        part = {row["id"]: row["part"] for row in csv.DictReader(lines, delimiter="\t")}
    lines = (ROOT / "annotations" / "composed.jsonl").read_text(encoding="utf-8").split("\n")
    documents = [json.loads(line) for line in lines if line]
    return [document for document in documents if part[document["id"]] == "train"]


@pytest.fixture(scope="session")
def vocabulary(composed: list[dict[str, Any]]) -> tuple[list[str], list[str]]:
    """(words, characters) of 60 composed texts, the most frequent first."""
    text = " ".join(document["text"] for document in composed[:60])
    words = Counter(re.findall(r"[^\W\d_]{2,}", text))
    characters = Counter(text.replace(" ", "").replace("\n", ""))
    return [w for w, _ in words.most_common(500)], [c for c, _ in characters.most_common()]


@pytest.fixture(scope="session")
def unigram(vocabulary: tuple[list[str], list[str]]) -> Tokenizer:
    """A tokenizer of the family that the shipped model has: Unigram behind Metaspace."""
    words, characters = vocabulary
    pieces = [(name, 0.0) for name in E5_SPECIAL] + [("\u2581", -4.0)]
    pieces += [("\u2581" + word, -5.0 - index / 100) for index, word in enumerate(words)]
    pieces += [(word[-3:], -9.0) for word in dict.fromkeys(w[-3:] for w in words if len(w) > 4)]
    pieces += [(character, -10.0) for character in characters]
    tokenizer = Tokenizer(models.Unigram(list(dict(pieces).items()), unk_id=3))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace("\u0640", "")])
    metaspace = pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), metaspace])
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    tokenizer.add_special_tokens(list(E5_SPECIAL))
    return tokenizer


@pytest.fixture(scope="session")
def wordpiece(vocabulary: tuple[list[str], list[str]]) -> Tokenizer:
    """A tokenizer of AraBERT's family: WordPiece behind BERT's normalizer."""
    words, characters = vocabulary
    pieces = [*BERT_SPECIAL, *words, *characters, *("##" + character for character in characters)]
    index = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    tokenizer = Tokenizer(models.WordPiece(index, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False, strip_accents=False)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    tokenizer.add_special_tokens(list(BERT_SPECIAL))
    return tokenizer


@pytest.fixture(scope="session", params=["unigram", "wordpiece"])
def either_tokenizer(request: pytest.FixtureRequest) -> Tokenizer:
    """Both families in turn, made to respect word edges as training makes them."""
    from training.align import with_word_edges

    return with_word_edges(request.getfixturevalue(request.param))


def _config(tokenizer: Tokenizer, spread: float) -> Any:
    from transformers import BertConfig

    return BertConfig(
        vocab_size=tokenizer.get_vocab_size(),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=512,
        pad_token_id=1,
        initializer_range=spread,
    )


def _save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {**E5_NAMES, "pad_token": "<pad>", "unk_token": "<unk>", "mask_token": "<mask>"}
    config = {**names, "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": 512}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


@pytest.fixture(scope="session")
def base_folder(unigram: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A random encoder with its masked-LM head: what fine-tuning starts from."""
    import torch
    from transformers import BertForMaskedLM

    folder = tmp_path_factory.mktemp("base")
    torch.manual_seed(7)
    BertForMaskedLM(_config(unigram, 0.05)).save_pretrained(folder)
    _save_tokenizer(unigram, folder)
    return folder


@pytest.fixture(scope="session")
def classifier(unigram: Tokenizer) -> Any:
    """The random two-layer `BertForTokenClassification` behind `checkpoint` and `onnx_folder`."""
    import torch
    from transformers import BertForTokenClassification

    from hasila.labels import CASUALTIES, TAG_IDS, TAGS

    torch.set_num_threads(1)
    torch.manual_seed(7)
    config = _config(unigram, 0.3)  # large enough that a random head has opinions
    config.id2label, config.label2id = dict(enumerate(TAGS)), dict(TAG_IDS)
    model = BertForTokenClassification(config).eval()
    for name, parameter in model.named_parameters():  # no two alike, so that each can be found again
        if name.endswith("bias"):
            torch.nn.init.normal_(parameter, std=0.1)
    with torch.no_grad():  # and casualties among what it finds
        model.classifier.bias[TAG_IDS[f"B-{CASUALTIES[0]}"] :] += 0.6
    return model


@pytest.fixture(scope="session")
def checkpoint(classifier: Any, unigram: Tokenizer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classifier as a plain transformers checkpoint in safetensors. Do not change it: `copy_of` it."""
    from training.align import with_word_edges

    folder = tmp_path_factory.mktemp("checkpoint")
    classifier.save_pretrained(folder)
    _save_tokenizer(with_word_edges(unigram), folder)
    return folder


@pytest.fixture(scope="session")
def fp32_onnx(checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classifier as fused fp32 ONNX."""
    from transformers import AutoModelForTokenClassification

    from training import graph

    path = tmp_path_factory.mktemp("fp32") / "model.onnx"
    graph.export(AutoModelForTokenClassification.from_pretrained(checkpoint), path)
    return path


@pytest.fixture(scope="session")
def onnx_folder(checkpoint: Path, fp32_onnx: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The classifier as an embedded model would be: int8 ONNX and a manifest. `copy_of` it to change it."""
    from training import graph

    folder = tmp_path_factory.mktemp("onnx") / "tiny"
    folder.mkdir()
    graph.quantize(fp32_onnx, folder / "model.onnx")
    for name in ("config.json", "tokenizer.json", "tokenizer_config.json"):
        shutil.copy(checkpoint / name, folder / name)
    write_manifest(folder)
    return folder


def write_manifest(folder: Path) -> None:
    """A manifest that tells the truth about the files of `folder`."""
    (folder / "manifest.json").unlink(missing_ok=True)
    files = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}
    manifest = {"name": "tiny", "version": "0.0.1", "temperature": 1.0, "licence": "Apache-2.0"}
    manifest |= {"sources": ["random weights"], "scores": {"exact_f1": 1.5}, "files": files}
    (folder / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")


@pytest.fixture
def manifest_writer() -> Callable[[Path], None]:
    return write_manifest


@pytest.fixture
def copy_of(tmp_path: Path) -> Callable[[Path], Path]:
    """Copies a model folder, for a test to damage."""

    def copy(folder: Path) -> Path:
        return Path(shutil.copytree(folder, tmp_path / "model"))

    return copy


@pytest.fixture(scope="session")
def tagger(onnx_folder: Path) -> Any:
    from hasila.tagger import Tagger

    return Tagger.from_pretrained(str(onnx_folder))


@pytest.fixture(scope="session")
def extractor(onnx_folder: Path) -> Any:
    from hasila.extractor import Extractor

    return Extractor(str(onnx_folder))


@pytest.fixture(scope="session")
def small() -> str:
    """The name of the embedded model; skips only while it is not in the package."""
    if not EMBEDDED.is_dir():
        pytest.skip("the embedded model `small` is not in inference/hasila/model yet")
    return "small"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of corpora beside the repository, which a clone does not have."""
    folder = ROOT.parent / "shared"
    if not (folder / "data" / "text").is_dir():
        pytest.skip("needs the public corpora in ../shared/data/text")
    return folder


Run = Callable[..., "subprocess.CompletedProcess[bytes]"]


@pytest.fixture(scope="session")
def python() -> Run:
    """Runs this Python on arguments, in the repository, with the package's source on its path."""
    paths = os.pathsep.join([str(ROOT / "inference"), str(ROOT)])

    def run(*arguments: object, stdin: bytes = b"", **environment: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, *map(str, arguments)],
            input=stdin,
            capture_output=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": paths, **environment},
            timeout=240,
            check=False,
        )

    return run


@pytest.fixture
def in_root(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The repository's root as the working directory, which the workshop's commands stand in."""
    monkeypatch.chdir(ROOT)
    return ROOT
