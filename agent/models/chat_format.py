"""Chat messages -> the token ids a model was trained to read, by its own template where it has one.

Templates differ in what they accept. What works is found out by trying, once for each model: as given; the system text
folded into the first user message; also neighbours of one role joined, so that user and assistant alternate. A model
without a template gets a plain one, and says so in ``remark``::

    <system text>

    user: <words>
    assistant: <reply>
    user: <words>
    assistant:
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from agent.errors import ModelError, one_line
from agent.models.base import Message

PLAIN_STOPS = ("\nuser:",)
PLAIN_REMARK = "This model has no chat template: it gets a plain 'user: / assistant:' form and may answer oddly."
_PROBE = (
    Message("system", "Probe one."),
    Message("user", "Probe two."),
    Message("assistant", "Probe three."),
    Message("user", "Probe four."),
)

Fold = Callable[[Sequence[Message]], list[Message]]


class ChatFormat:
    """How one tokenizer's model wants its messages."""

    def __init__(self, tokenizer: Any, *, thinking: bool = False) -> None:
        self._tokenizer = tokenizer
        self._thinking = thinking
        self._special = _special_texts(tokenizer)
        self.plain = not getattr(tokenizer, "chat_template", None)
        self.remark = PLAIN_REMARK if self.plain else ""
        self.stops = PLAIN_STOPS if self.plain else ()
        self._fold: Fold = list if self.plain else self._accepted(_PROBE)

    def text(self, messages: Sequence[Message]) -> str:
        """The whole prompt as text, up to where the reply begins. Raises ModelError."""
        safe = [Message(message.role, self.harmless(message.content)) for message in messages]
        if self.plain:
            return _plain(safe)
        try:
            return self._render(self._fold(safe))
        except _template_errors():
            self._fold = self._accepted(safe)  # stricter than the probe told: from now on as these messages need it
            return self._render(self._fold(safe))

    def ids(self, messages: Sequence[Message]) -> list[int]:
        """The token ids of :meth:`text`. A template writes its special tokens itself, so none are added."""
        encoded = self._tokenizer(self.text(messages), add_special_tokens=self.plain, verbose=False)
        return [int(token) for token in encoded["input_ids"]]

    def harmless(self, text: str) -> str:
        """``text`` without anything the tokenizer would read as a control token, such as the end of a message."""
        return self._special.sub(lambda found: f"{found.group()[0]} {found.group()[1:]}", text)

    def _accepted(self, messages: Sequence[Message]) -> Fold:
        problem: Exception | None = None
        for fold in (list, fold_system, alternate):
            try:
                if self._shows_all(fold(messages)):
                    return fold
            except _template_errors() as error:
                problem = error
        raise ModelError(f"The model's chat template cannot be used: {one_line(problem or 'it drops messages')}.")

    def _shows_all(self, messages: Sequence[Message]) -> bool:
        """Some templates drop a system message without a word instead of refusing it."""
        rendered = self._render(messages)
        return all(message.content.strip() in rendered for message in messages)

    def _render(self, messages: Sequence[Message]) -> str:
        rendered = self._tokenizer.apply_chat_template(
            [{"role": message.role, "content": message.content} for message in messages],
            tokenize=False,
            add_generation_prompt=True,
            # Models that can think before they reply know one of these; others ignore them.
            enable_thinking=self._thinking,
            thinking=self._thinking,
        )
        return str(rendered)


def fold_system(messages: Sequence[Message]) -> list[Message]:
    """The system text in front of the first user message."""
    system = "\n\n".join(message.content for message in messages if message.role == "system")
    rest = [message for message in messages if message.role != "system"]
    first = next((place for place, message in enumerate(rest) if message.role == "user"), None)
    if system and first is not None:
        rest[first] = Message("user", f"{system}\n\n{rest[first].content}")
    return rest


def alternate(messages: Sequence[Message]) -> list[Message]:
    """No system message, user first, and neighbours of one role joined."""
    joined: list[Message] = []
    for message in fold_system(messages):
        if joined and joined[-1].role == message.role:
            joined[-1] = Message(message.role, f"{joined[-1].content}\n\n{message.content}")
        elif joined or message.role == "user":
            joined.append(message)
    return joined


def _plain(messages: Sequence[Message]) -> str:
    parts = [m.content + "\n" if m.role == "system" else f"{m.role}: {m.content}" for m in messages]
    return "\n".join([*parts, "assistant:"])


def _special_texts(tokenizer: Any) -> re.Pattern[str]:
    """Every control token's text: the special tokens, and what was added to the vocabulary for the template's use."""
    template = str(getattr(tokenizer, "chat_template", None) or "")
    added = getattr(tokenizer, "added_tokens_decoder", {}).values()
    texts = {str(token) for token in added if getattr(token, "special", True) or str(token) in template}
    texts |= set(tokenizer.all_special_tokens)
    known = sorted((text for text in texts if len(text.strip()) > 1), key=len, reverse=True)
    return re.compile("|".join(map(re.escape, known)) if known else r"(?!)")


def _template_errors() -> tuple[type[Exception], ...]:
    from jinja2 import TemplateError

    return (TemplateError, ValueError, TypeError, KeyError)
