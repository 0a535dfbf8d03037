"""What masked language modelling hides, and the loss at it: whole words, the head at hidden pieces alone.

A fifth of the words, of which 80 % become mask tokens, 10 % other pieces and 10 % stay (Devlin et al. 2019,
"BERT", with whole words in place of pieces).
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from types import MethodType
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerFast
from transformers.modeling_outputs import MaskedLMOutput

from training.align import IGNORED
from training.padding import attention, padded
from training.rawtext import NO_WORD

_HEADS = ("cls", "lm_head")  # BERT and its kin; RoBERTa, XLM-R, CamemBERT


@dataclass(frozen=True, slots=True)
class WholeWords:
    """Pads windows to one length and hides whole words. `ordinary`: ids that may stand in for others.

    Which words are hidden follows from the batch and `seed` alone: torch's state at a checkpoint is no help,
    since the batch after it has been made by then. Another epoch has other batches, and hides others.
    """

    pad_id: int
    mask_id: int
    ordinary: torch.Tensor
    share: float
    seed: int

    def __call__(self, rows: list[dict[str, Any]]) -> dict[str, torch.Tensor]:
        """(batch, length) tensors input_ids, attention_mask and labels (IGNORED where nothing is hidden)."""
        ids, words = padded(rows, "input_ids", self.pad_id), padded(rows, "words", NO_WORD)
        shown, labels = self.hide(ids, words)
        return {"input_ids": shown, "attention_mask": attention(rows), "labels": labels}

    def hide(self, ids: torch.Tensor, words: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """What the model is shown and what it must say. All pieces of a word share its fate."""
        source = torch.Generator().manual_seed(zlib.crc32(ids.numpy().tobytes(), self.seed))
        drawn = torch.rand((2, len(ids), int(words.max()) + 1), generator=source)
        of_piece = words.clamp(min=0)
        chosen, fate = drawn[0].gather(1, of_piece), drawn[1].gather(1, of_piece)
        hidden = (chosen < self.share) & (words != NO_WORD)
        others = self.ordinary[torch.randint(len(self.ordinary), ids.shape, generator=source)]
        shown = torch.where(hidden & (fate < 0.8), self.mask_id, ids)
        shown = torch.where(hidden & (fate >= 0.8) & (fate < 0.9), others, shown)
        return shown, torch.where(hidden, ids, IGNORED)


def collator(tokenizer: PreTrainedTokenizerFast, share: float, seed: int) -> WholeWords:
    """Raises ValueError for a tokenizer without a mask token."""
    if tokenizer.mask_token_id is None:
        raise ValueError("the tokenizer has no mask token")
    special = set(tokenizer.all_special_ids)
    ordinary = torch.tensor([index for index in range(len(tokenizer)) if index not in special])
    return WholeWords(tokenizer.pad_token_id, tokenizer.mask_token_id, ordinary, share, seed)


def only_hidden(model: PreTrainedModel) -> PreTrainedModel:
    """Make `model`'s forward compute its head, and return its loss, at labelled pieces alone.

    Raises ValueError for an architecture whose head is not known.
    """
    name = next((name for name in _HEADS if hasattr(model, name)), None)
    if name is None:
        raise ValueError(f"{type(model).__name__} has none of the masked-LM heads known: {', '.join(_HEADS)}")
    encoder, head = model.base_model, getattr(model, name)

    def forward(
        self: PreTrainedModel, input_ids: torch.Tensor, attention_mask: torch.Tensor, labels: torch.Tensor
    ) -> MaskedLMOutput:
        states = encoder(input_ids=input_ids, attention_mask=attention_mask)[0]
        hidden = labels != IGNORED
        logits = head(states[hidden]).float()
        total = torch.nn.functional.cross_entropy(logits, labels[hidden], reduction="sum")
        return MaskedLMOutput(loss=total / hidden.sum().clamp(min=1))

    # On the instance: a subclass would be written into config.json as the architecture, and a wrapper
    # would save weights under other names; and DDP needs it to be the forward.
    model.forward = MethodType(forward, model)
    return model
