"""A cross-encoder small enough to be trained by a test: it learns which word means the same as which other."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

MEANS = {"feline": "cat", "automobile": "car", "physician": "doctor", "beverage": "tea", "timepiece": "clock"}
QUERY, TEXT = "Which {} is at home?", "user: At home there is a {}."
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]


WORDS = (*MEANS, *MEANS.values(), *"which is at home user there a . : ?".split())


def tokenizer(known: Iterable[str] = WORDS) -> Any:
    from tokenizers import Tokenizer, normalizers, pre_tokenizers
    from tokenizers.models import WordLevel
    from tokenizers.processors import TemplateProcessing
    from transformers import PreTrainedTokenizerFast

    words = sorted(set(known))
    made = Tokenizer(WordLevel({word: place for place, word in enumerate(SPECIAL + words)}, unk_token="[UNK]"))
    made.normalizer = normalizers.BertNormalizer()
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    made.post_processor = TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token"), SPECIAL, strict=True))
    return PreTrainedTokenizerFast(tokenizer_object=made, model_max_length=48, **names)


def untrained(labels: int = 1, words: int = 64) -> Any:
    from transformers import BertConfig, BertForSequenceClassification, set_seed

    set_seed(7)
    shape = BertConfig(
        vocab_size=words,
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
        num_labels=labels,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    return BertForSequenceClassification(shape)


def trained(folder: Path) -> Path:
    """Save one that knows :data:`MEANS`: the logit of a pair is high where it holds and low where it does not."""
    import torch

    reader, model = tokenizer(), untrained()
    pairs = [(query, text) for query in MEANS for text in MEANS.values()]
    inputs = reader(
        [QUERY.format(query) for query, _ in pairs], [TEXT.format(text) for _, text in pairs], return_tensors="pt"
    )
    wanted = torch.tensor([[float(MEANS[query] == text)] for query, text in pairs])
    steps = torch.optim.Adam(model.parameters(), lr=3e-3)
    for _ in range(120):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**inputs).logits, wanted)
        steps.zero_grad()
        loss.backward()
        steps.step()
    assert loss < 0.1, "the tiny cross-encoder did not learn its five pairs"
    model.save_pretrained(folder)
    reader.save_pretrained(folder)
    return folder
