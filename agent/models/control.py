"""What only a chat template may write: control tokens, and the words with which some templates mark a turn.

Anything said, remembered or named may hold such a token's text (``<|im_end|>``, ``<eos>``, ``[INST]``). It is put
before the model with a space in it (``< |im_end|>``): a person's words still read as written, and no token comes of
them. Marks that are plain words at the beginning of a line (``user:``) are indented instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

_LONGEST_MARK = 40
_NEVER = r"(?!)"


class Control:
    """One tokenizer's control tokens, and its template's marks once :meth:`learn` has seen the template's own text."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        texts = set(_token_texts(tokenizer))
        known = {int(tokenizer.convert_tokens_to_ids(text)) for text in texts}
        self.ids = frozenset(known | set(tokenizer.all_special_ids)) - {tokenizer.unk_token_id}
        """A token for what is unknown says nothing of structure, and words may come to it."""
        self._tokens = _any_of(text for text in texts if len(text.strip()) > 1)
        self._marks = self._openings = re.compile(_NEVER)

    def learn(self, literals: Iterable[str]) -> None:
        """Find the marks in what a template writes between the messages' contents."""
        pieces = [(piece, number > 0) for text in literals for number, piece in enumerate(self._tokens.split(text))]
        found = [mark for piece, after in pieces for mark in _marks_in(piece, after_token=after)]
        self._marks = _any_of(mark for mark, opens_line in found if not opens_line)
        self._openings = _any_of((mark for mark, opens_line in found if opens_line), before="^", flags=re.MULTILINE)

    def harmless(self, text: str) -> str:
        """``text`` without anything that the template alone may say."""
        text = self._openings.sub(r" \g<0>", text)
        return self._marks.sub(_with_a_space, self._tokens.sub(_with_a_space, text))

    def among(self, ids: Sequence[int]) -> tuple[int, ...]:
        """The control tokens in ``ids``, in order: the prompt's structure."""
        return tuple(token for token in ids if token in self.ids)

    def content_ids(self, text: str) -> list[int]:
        """``text`` as tokens that are certainly no control tokens, whatever the tokenizer makes of it."""
        ids = self._encode(self.harmless(text))
        if self.among(ids):  # it normalises text before it looks for control tokens
            ids = self._encode(self.harmless(unicodedata.normalize("NFKC", text)))
        return [token for token in ids if token not in self.ids]

    def _encode(self, text: str) -> list[int]:
        encoded = self._tokenizer(text, add_special_tokens=False, split_special_tokens=True, verbose=False)
        return [int(token) for token in encoded["input_ids"]]


def _token_texts(tokenizer: Any) -> Iterator[str]:
    """Every control token's text: the special tokens, and what was added to the vocabulary for the template's use."""
    template = str(getattr(tokenizer, "chat_template", None) or "")
    for token in getattr(tokenizer, "added_tokens_decoder", {}).values():
        if getattr(token, "special", True) or str(token) in template:
            yield str(token)
    yield from tokenizer.all_special_tokens


def _marks_in(piece: str, *, after_token: bool) -> Iterator[tuple[str, bool]]:
    """(mark, whether it stands at the beginning of a line). Mere words (``user``, ``model``) are none."""
    for number, line in enumerate(piece.split("\n")):
        mark = line.strip()
        if 2 < len(mark) <= _LONGEST_MARK and any(c.isalpha() for c in mark) and not mark.isalnum():
            yield mark, mark[0].isalnum() and line.startswith(mark) and (number > 0 or not after_token)


def _any_of(texts: Iterable[str], *, before: str = "", flags: int = 0) -> re.Pattern[str]:
    longest_first = sorted(set(texts), key=lambda text: (-len(text), text))
    return re.compile(f"{before}(?:{'|'.join(map(re.escape, longest_first))})" if longest_first else _NEVER, flags)


def _with_a_space(found: re.Match[str]) -> str:
    return f"{found.group()[0]} {found.group()[1:]}"
