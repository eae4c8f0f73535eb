"""Tokenizers with the chat templates and control tokens of the model families that people run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.agent.conftest import CHATML

_ALTERNATE = (
    "{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}{% endif %}"
)
LLAMA_3 = (
    "{{ bos_token }}{% for m in messages %}<|start_header_id|>{{ m.role }}<|end_header_id|>\n\n"
    "{{ m.content | trim }}<|eot_id|>{% endfor %}"
    "{% if add_generation_prompt %}<|start_header_id|>assistant<|end_header_id|>\n\n{% endif %}"
)
MISTRAL = (
    "{{ bos_token }}{% for m in messages %}" + _ALTERNATE + "{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]"
    "{% else %} {{ m.content }}{{ eos_token }}{% endif %}{% endfor %}"
)
GEMMA = (
    "{{ bos_token }}{% for m in messages %}" + _ALTERNATE + "<start_of_turn>"
    "{{ 'model' if m.role == 'assistant' else m.role }}\n{{ m.content | trim }}<end_of_turn>\n{% endfor %}"
    "{% if add_generation_prompt %}<start_of_turn>model\n{% endif %}"
)
ALPACA = (
    "{% for m in messages %}{% if m.role == 'system' %}{{ m.content }}\n\n"
    "{% elif m.role == 'user' %}### Instruction:\n{{ m.content }}\n\n"
    "{% else %}### Response:\n{{ m.content }}{{ eos_token }}\n\n{% endif %}{% endfor %}"
    "{% if add_generation_prompt %}### Response:\n{% endif %}"
)


@dataclass(frozen=True, slots=True)
class Family:
    """``marks``: what the template writes as ordinary text, and only it may write."""

    name: str
    template: str | None
    special: tuple[str, ...]
    bos: str | None = None
    eos: str = "</s>"
    marks: tuple[str, ...] = ()
    normalised: bool = False
    """Text is brought to one form (NFKC) before control tokens are looked for, as some tokenizers do."""


FAMILIES = (
    Family("chatml", CHATML, ("<|im_start|>", "<|im_end|>", "<|endoftext|>"), eos="<|im_end|>"),
    Family(
        "llama-3",
        LLAMA_3,
        ("<|begin_of_text|>", "<|start_header_id|>", "<|end_header_id|>", "<|eot_id|>", "<|reserved_special_token_0|>"),
        bos="<|begin_of_text|>",
        eos="<|eot_id|>",
    ),
    Family("mistral", MISTRAL, ("<s>", "</s>", "[INST]", "[/INST]"), bos="<s>"),
    Family("mistral-as-text", MISTRAL, ("<s>", "</s>"), bos="<s>", marks=("[INST]", "[/INST]")),
    Family("gemma", GEMMA, ("<bos>", "<eos>", "<start_of_turn>", "<end_of_turn>"), bos="<bos>", eos="<eos>"),
    Family("alpaca", ALPACA, ("</s>",), marks=("### Instruction:", "### Response:")),
    Family("normalising", CHATML, ("<|im_start|>", "<|im_end|>"), eos="<|im_end|>", normalised=True),
    Family("no-template", None, ("<s>", "</s>"), bos="<s>", marks=("\nuser:", "\nassistant:")),
)


def tokenizer_of(family: Family) -> Any:
    """Byte-level, of bytes alone: every text has tokens, and control tokens have one each."""
    from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers
    from transformers import PreTrainedTokenizerFast

    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    backend = Tokenizer(models.BPE({letter: number for number, letter in enumerate(letters)}, []))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    backend.decoder = decoders.ByteLevel()
    if family.normalised:
        backend.normalizer = normalizers.NFKC()
    backend.add_special_tokens([AddedToken(text, normalized=family.normalised) for text in family.special])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=backend, bos_token=family.bos, eos_token=family.eos)
    tokenizer.chat_template = family.template
    return tokenizer
