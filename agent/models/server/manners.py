"""What one server accepts: learned from its refusals, before it has said a word, and remembered.

Servers differ in which fields of a question they know, and chat templates in which order of roles they allow. What is
refused by name is left out the next time; a refusal that speaks of roles folds the messages as ``chat_format`` does.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from agent.models.base import Message, Sampling
from agent.models.chat_format import alternate, fold_system
from agent.models.server.connection import Refused

_OPTIONAL = (
    "stream_options",
    "chat_template_kwargs",
    "repetition_penalty",
    "min_p",
    "top_k",
    "seed",
    "top_p",
    "temperature",
    "stop",
)
_ROLES = re.compile(r"\b(roles?|alternat\w*|system (message|prompt)s?)\b", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?=\||｜|/?s>|/?(?:start|end)_of_turn\b|/?(?:bos|eos|unk|pad)>|/?think\b|</?SYS>>)"
    r"|\[(?=/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])"
)

Fold = Callable[[Sequence[Message]], list[Message]]


class Manners:
    """How to put a question to one server."""

    def __init__(self, model: str, stops: Sequence[str], *, thinking: bool) -> None:
        self._model, self._stops, self._thinking = model, list(stops), thinking
        self._folds: list[Fold] = [list, fold_system, alternate]
        self._left_out: set[str] = set()
        self._length = "max_tokens"

    def question(self, messages: Sequence[Message], sampling: Sampling, most_tokens: int) -> dict[str, Any]:
        """The body of a question to ``/chat/completions``."""
        said = [{"role": m.role, "content": m.content} for m in self.polite(messages)]
        body: dict[str, Any] = {"model": self._model, "messages": said, "stream": True, self._length: most_tokens}
        optional: dict[str, Any] = {
            "stream_options": {"include_usage": True},
            "chat_template_kwargs": {"enable_thinking": self._thinking},
            "temperature": sampling.temperature,
            "top_p": sampling.top_p,
            "seed": sampling.seed,
            "top_k": sampling.top_k or None,
            "min_p": sampling.min_p or None,
            "repetition_penalty": sampling.repetition_penalty if sampling.repetition_penalty != 1 else None,
            "stop": self._stops or None,
        }
        wanted = {name: value for name, value in optional.items() if value is not None}
        return body | {name: value for name, value in wanted.items() if name not in self._left_out}

    def polite(self, messages: Sequence[Message]) -> tuple[Message, ...]:
        """``messages`` in the order the server accepts, with nothing in them that it may take for a control token."""
        return tuple(Message(m.role, harmless(m.content)) for m in self._folds[0](messages))

    def learn(self, refusal: Refused, question: dict[str, Any]) -> bool:
        """True when there is another way to ask, which the next question takes."""
        if refusal.status not in (400, 422, 500):
            return False
        if "max_completion_tokens" in refusal.said and self._length == "max_tokens":
            self._length = "max_completion_tokens"
            return True
        named = next((name for name in _OPTIONAL if name in question and name in refusal.said), None)
        if named is not None and refusal.status != 500:
            self._left_out.add(named)
            return True
        if _ROLES.search(refusal.said) and len(self._folds) > 1:
            del self._folds[0]
            return True
        return False


def harmless(text: str) -> str:
    """``text`` with the marks of chat templates broken up: some servers read them as control tokens even in words."""
    return _MARKUP.sub(lambda found: found.group() + " ", text)
