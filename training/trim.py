"""Cut a checkpoint's vocabulary to the pieces that a corpus uses.

    python -m training.trim MODEL --corpus DIR... --out DIR [--at-least 3] [--revision SHA]

MODEL is a folder or a hub name whose tokenizer is Unigram or WordPiece. Kept are the pieces that occur at
least so often in the articles below the folders (read as `training.corpora` reads them), all special and
added tokens, and every piece of one Arabic or Latin letter, digit or ASCII sign, so that no word becomes
unknown that was known. The embedding matrix and the masked-LM head are cut alike; all other weights stay
as they are. The pieces are counted, and the tokenizer is saved, with word edges respected, as
`training.train` reads it. What a piece that is cut stood for is spelt in smaller pieces from then on.
"""

from __future__ import annotations

import argparse
import copy
import itertools
import json
import re
import sys
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import transformers
from numpy.typing import NDArray
from tokenizers import Tokenizer
from tqdm import tqdm
from transformers import AutoConfig, AutoModel, PreTrainedModel, PreTrainedTokenizerFast

from training import checkpoints, corpora
from training.train import load_tokenizer

Counts = NDArray[np.int64]
_BATCH = 64  # articles a call of the tokenizer, which runs them side by side
_BYTE = re.compile(r"<0x[0-9A-F]{2}>")  # what a Unigram with byte_fallback spells the rest with


class TrimError(ValueError):
    """A checkpoint that cannot be trimmed; the message says why."""


def count(tokenizer: Tokenizer, texts: Iterable[str]) -> Counts:
    """How often each piece occurs in `texts`, by id; one batch is in memory at a time."""
    counts = np.zeros(len(tokenizer.get_vocab()), dtype=np.int64)
    rest = iter(texts)
    while batch := list(itertools.islice(rest, _BATCH)):
        # The tokenizer refuses lone surrogates.
        clean = [text.encode("utf-8", "replace").decode("utf-8") for text in batch]
        for encoding in tokenizer.encode_batch(clean, add_special_tokens=False):
            counts += np.bincount(encoding.ids, minlength=len(counts))
    return counts


def kept(tokenizer: Tokenizer, counts: Counts, at_least: int) -> list[int]:
    """Ids to keep, in order."""
    data = json.loads(tokenizer.to_str())
    added = {token["id"] for token in data["added_tokens"]}
    prefix = data["model"].get("continuing_subword_prefix") or "\u2581"
    unknown = data["model"].get("unk_token")
    return [
        index
        for piece, index in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1])
        if counts[index] >= at_least or index in added or piece == unknown or _is_basic(piece, prefix)
    ]


def _is_basic(piece: str, prefix: str) -> bool:
    """One letter, digit or sign, with or without the mark that it begins or continues a word."""
    bare = piece.removeprefix(prefix) or piece
    if len(bare) > 1:
        return _BYTE.fullmatch(bare) is not None
    return bare.isascii() or bare.isdecimal() or unicodedata.name(bare, "").startswith(("ARABIC", "LATIN"))


def cut_tokenizer(tokenizer: Tokenizer, ids: Sequence[int]) -> Tokenizer:
    """A copy with the pieces `ids` alone, numbered anew in their order."""
    data = json.loads(tokenizer.to_str())
    new = {old: index for index, old in enumerate(ids)}
    model = data["model"]
    if model["type"] == "Unigram":
        model["vocab"] = [entry for old, entry in enumerate(model["vocab"]) if old in new]
        model["unk_id"] = new.get(model["unk_id"])
    elif model["type"] == "WordPiece":
        model["vocab"] = {piece: new[old] for piece, old in model["vocab"].items() if old in new}
    else:
        raise TrimError(f"a {model['type']} tokenizer cannot be trimmed, only Unigram and WordPiece")
    for token in data["added_tokens"]:
        token["id"] = new[token["id"]]
    _renumber(data["post_processor"], new)
    trimmed = Tokenizer.from_str(json.dumps(data))
    pieces = {old: piece for piece, old in tokenizer.get_vocab().items()}
    if trimmed.get_vocab() != {pieces[old]: index for old, index in new.items()}:
        raise TrimError("the tokenizer numbers its added tokens in an order that cannot be kept")
    return trimmed


def _renumber(step: dict[str, Any] | None, new: dict[int, int]) -> None:
    """Put the new ids of the special tokens into a post-processor."""
    for member in (step or {}).get("processors", ()):
        _renumber(member, new)
    for token in (step or {}).get("special_tokens", {}).values():
        token["ids"] = [new[old] for old in token["ids"]]
    for key in ("cls", "sep"):
        if step and key in step:
            step[key] = [step[key][0], new[step[key][1]]]


def load_model(base: str, revision: str | None) -> PreTrainedModel:
    """The checkpoint in the class that wrote it, in its own precision."""
    config = AutoConfig.from_pretrained(base, revision=revision, trust_remote_code=False)
    written = getattr(transformers, (config.architectures or [""])[0], AutoModel)
    return written.from_pretrained(base, config=config, revision=revision, dtype="auto")


def cut_model(model: PreTrainedModel, ids: Sequence[int]) -> PreTrainedModel:
    """A copy whose embeddings and masked-LM head have the rows `ids` alone."""
    rows = model.get_input_embeddings().num_embeddings
    if max(ids) >= rows:
        raise TrimError(f"the tokenizer has ids up to {max(ids)}, the embedding matrix {rows} rows")
    new = {old: index for index, old in enumerate(ids)}
    config = copy.deepcopy(model.config)
    config.vocab_size = len(ids)
    for key, value in model.config.to_dict().items():
        if key.endswith("_token_id") and isinstance(value, int):
            setattr(config, key, new.get(value))
    index = torch.as_tensor(ids)
    by_piece = _by_piece(model, rows)
    state = {name: t[index] if name in by_piece else t for name, t in model.state_dict().items()}
    trimmed = type(model)(config).to(model.dtype)
    trimmed.load_state_dict(state)
    trimmed.tie_weights()
    return trimmed


def _by_piece(model: PreTrainedModel, rows: int) -> set[str]:
    """Names of the weights that have one row a piece: embeddings, decoder, the head's bias."""
    output = model.get_output_embeddings()
    matrices = [model.get_input_embeddings().weight, *([output.weight] if output else [])]
    places = {matrix.data_ptr() for matrix in matrices}
    head = {
        name
        for name, tensor in model.state_dict().items()
        if output is not None and name.endswith(("decoder.bias", "predictions.bias", "lm_head.bias"))
        if tensor.shape == (rows,)
    }
    return head | {name for name, tensor in model.state_dict().items() if tensor.data_ptr() in places}


def trim(
    base: str, revision: str | None, texts: Iterable[str], out: Path, *, at_least: int, arabert: bool = False
) -> str:
    """Write the trimmed checkpoint into `out`; returns what was kept, in words."""
    loaded = load_tokenizer(base, revision, arabert)
    tokenizer: Tokenizer = loaded.backend_tokenizer
    counts = count(tokenizer, texts)
    if not counts.any():
        raise TrimError("the corpus has no pieces: no .parquet, .jsonl or .txt with text in it")
    ids = kept(tokenizer, counts, at_least)
    model = load_model(base, revision)
    trimmed = cut_model(model, ids)
    trimmed.save_pretrained(out)
    PreTrainedTokenizerFast(
        tokenizer_object=cut_tokenizer(tokenizer, ids),
        model_max_length=loaded.model_max_length,
        **loaded.special_tokens_map,
    ).save_pretrained(out)
    checkpoints.write_plain_tokenizer_class(out)
    total = int(counts.sum())
    return (
        f"{len(ids):,} of {len(counts):,} pieces kept, which cover {counts[ids].sum() / total:.2%} of the "
        f"corpus's {total:,}; {model.num_parameters():,} parameters became {trimmed.num_parameters():,}"
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.trim", description=__doc__.split("\n")[0])
    parser.add_argument("model", help="a folder or a hub name")
    parser.add_argument("--corpus", nargs="+", type=Path, required=True, metavar="DIR")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--at-least", type=int, default=3, metavar="N", help="occurrences (default 3)")
    parser.add_argument("--revision", help="of a hub name: a commit")
    parser.add_argument("--arabert-normalizer", action="store_true", help="with AraBERT's preprocessing")
    options = parser.parse_args(arguments)
    absent = [str(folder) for folder in options.corpus if not folder.is_dir()]
    if absent:
        parser.error(f"no such folder: {', '.join(absent)}")
    found = (text for folder in options.corpus for _, text in corpora.articles(folder))
    texts = tqdm(found, desc="articles", unit="article")
    try:
        said = trim(
            options.model,
            options.revision,
            texts,
            options.out,
            at_least=options.at_least,
            arabert=options.arabert_normalizer,
        )
    except (TrimError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(said)
    return 0


if __name__ == "__main__":
    sys.exit(main())
