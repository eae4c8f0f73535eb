"""How many tokens a text has: by the server's own tokenizer where it offers one, else by an estimate that errs high.

Too high an estimate leaves some room unused; too low a one loses the beginning of the prompt, because servers cut what
does not fit, mostly without a word.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Protocol

from agent.models.base import Message
from agent.models.server.connection import Connection
from agent.models.server.discovery import ServerKind, positive

FRAME = 8
"""Tokens of a chat template around one message, at most: special tokens, the role's name, line ends."""
_REMEMBERED = 4096
_PIECES = re.compile(r"[a-zA-Z]+|[^\W\d_a-zA-Z]+|\d+|\s+|[^\w\s]+|_+", re.UNICODE)
_LETTERS_PER_TOKEN = 3.0
_OTHER_LETTER = 1.25


class Counter(Protocol):
    """Counts as a LanguageModel does."""

    def count(self, text: str) -> int: ...

    def count_prompt(self, messages: tuple[Message, ...]) -> int: ...


class Estimate:
    """No tokenizer: a rule for texts of any script.

    A run of plain Latin letters costs one token and another for each three letters after the first four; any other
    letter 1.25; a number its digits and one; a sign one, outside ASCII one for each UTF-8 byte; white space past its
    first character a third; a new line one.
    docs/models.md has how far it errs against real tokenizers.
    """

    def count(self, text: str) -> int:
        return math.ceil(sum(map(_cost, _PIECES.findall(text))))

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        return FRAME + sum(self.count(message.content) + FRAME for message in messages)


class OwnTokenizer:
    """Asks llama.cpp or vLLM for its tokens, each text once; falls back on the estimate for good when that fails."""

    def __init__(self, connection: Connection, kind: ServerKind, model: str) -> None:
        self._connection, self._kind, self._model = connection, kind, model
        self._known: OrderedDict[str, int] = OrderedDict()
        self._estimate = Estimate()
        self.failed = False

    def count(self, text: str) -> int:
        if not text:
            return 0
        return self._remembered(text, lambda: self._tokens(text)) or self._estimate.count(text)

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        key = "\0".join(f"{message.role}\0{message.content}" for message in messages)
        return self._remembered(key, lambda: self._chat(messages)) or self._estimate.count_prompt(messages)

    def _remembered(self, key: str, ask: Callable[[], int | None]) -> int | None:
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        found = None if self.failed else ask()
        if found is None:
            self.failed = True
            return None
        self._known[key] = found
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return found

    def _chat(self, messages: tuple[Message, ...]) -> int | None:
        said = [{"role": message.role, "content": message.content} for message in messages]
        if self._kind == "vLLM":
            return _tokens_told(self._ask("/tokenize", {"model": self._model, "messages": said}))
        prompt = self._ask("/apply-template", {"model": self._model, "messages": said}).get("prompt")
        return self._tokens(prompt) if isinstance(prompt, str) else None

    def _tokens(self, text: str) -> int | None:
        field = "prompt" if self._kind == "vLLM" else "content"
        options = {"add_special_tokens": False} if self._kind == "vLLM" else {"parse_special": True}
        return _tokens_told(self._ask("/tokenize", {"model": self._model, field: text, **options}))

    def _ask(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        return self._connection.maybe("POST", path, body)


def counter(connection: Connection, kind: ServerKind, model: str) -> Counter:
    """The best way to count that the server offers."""
    own = OwnTokenizer(connection, kind, model) if kind in ("llama.cpp", "vLLM") else None
    if own is not None:
        own.count_prompt((Message("user", "Hello"),))
    return own if own is not None and not own.failed else Estimate()


def _tokens_told(answer: dict[str, Any]) -> int | None:
    tokens = answer.get("tokens")
    return positive(answer.get("count")) or (len(tokens) if isinstance(tokens, list) and tokens else None)


def _cost(piece: str) -> float:
    first = piece[0]
    if first.isspace():
        return (len(piece) - 1) / 3 if "\n" not in piece else max(1, len(piece) / 3)
    if first.isdigit():
        return len(piece) + 1
    if first.isalpha():
        return 1 + max(0, len(piece) - 4) / _LETTERS_PER_TOKEN if first.isascii() else len(piece) * _OTHER_LETTER
    return sum(1 if sign.isascii() else len(sign.encode("utf-8", "surrogatepass")) for sign in piece)
