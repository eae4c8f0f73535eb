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

from collections.abc import Callable, Iterator, Sequence
from typing import Any

from agent.errors import ModelError, one_line
from agent.models.base import Message
from agent.models.control import Control

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
        self.plain = not getattr(tokenizer, "chat_template", None)
        self.remark = PLAIN_REMARK if self.plain else ""
        self.stops = PLAIN_STOPS if self.plain else ()
        self._control = Control(tokenizer)
        self._fold: Fold = list if self.plain else self._accepted(_PROBE)
        self._structures: dict[tuple[Fold, tuple[str, ...]], tuple[int, ...]] = {}
        self._control.learn(_between(self._shown(self._fold(_PROBE)), [probe.content for probe in _PROBE]))

    def text(self, messages: Sequence[Message]) -> str:
        """The whole prompt as text, up to where the reply begins. Raises ModelError."""
        safe = [Message(message.role, self.harmless(message.content)) for message in messages]
        try:
            return self._shown(self._fold(safe))
        except _template_errors():
            self._fold = self._accepted(safe)  # stricter than the probe told: from now on as these messages need it
            return self._shown(self._fold(safe))

    def ids(self, messages: Sequence[Message]) -> list[int]:
        """The token ids of :meth:`text`. A template writes its special tokens itself, so none are added.

        Control tokens stand only where the template puts them, whatever the messages say: that is looked at, and where
        a tokenizer finds one in the words all the same, words and template are read apart.
        """
        ids = self._encoded(self.text(messages))
        folded = self._fold(messages)
        return ids if self._control.among(ids) == self._structure(folded) else self._by_parts(folded)

    def behind(self, messages: Sequence[Message]) -> int:
        """How many tokens the template puts behind the last message's words."""
        *earlier, last = messages
        one, other = (self.ids([*earlier, Message(last.role, words)]) for words in ("a", "The"))
        same = zip(reversed(one), reversed(other), strict=False)
        return next((n for n, (a, b) in enumerate(same) if a != b), 0)

    def content_ids(self, text: str) -> list[int]:
        """The token ids of words alone, none of them a control token."""
        return self._control.content_ids(text)

    def harmless(self, text: str) -> str:
        """``text`` without anything that only the template may say, such as the end of a message."""
        return self._control.harmless(text)

    def _encoded(self, text: str, *, opening: bool = True) -> list[int]:
        encoded = self._tokenizer(text, add_special_tokens=self.plain and opening, verbose=False)
        return [int(token) for token in encoded["input_ids"]]

    def _structure(self, folded: Sequence[Message]) -> tuple[int, ...]:
        """The control tokens of a prompt whose messages have these roles and say nothing of interest."""
        key = (self._fold, tuple(message.role for message in folded))
        if key not in self._structures:
            plain_talk = [Message(message.role, "x") for message in folded]
            self._structures[key] = self._control.among(self._encoded(self._shown(plain_talk)))
        return self._structures[key]

    def _by_parts(self, folded: Sequence[Message]) -> list[int]:
        """The template's text as usual; between it, each message's words as tokens that control nothing."""
        marks = [f"mnemepart{number}x" for number in range(len(folded))]
        text = self._shown([Message(message.role, mark) for message, mark in zip(folded, marks, strict=True)])
        literals = list(_between(text, marks))
        ids = self._encoded(literals[0])
        for message, literal in zip(folded, literals[1:], strict=True):
            ids += self._control.content_ids(message.content) + self._encoded(literal, opening=False)
        return ids

    def _shown(self, folded: Sequence[Message]) -> str:
        return _plain(folded) if self.plain else self._render(folded)

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


def _between(text: str, contents: Sequence[str]) -> Iterator[str]:
    """What stands before, between and behind ``contents`` in ``text``."""
    for content in contents:
        before, _, text = text.partition(content)
        yield before
    yield text


def _template_errors() -> tuple[type[Exception], ...]:
    from jinja2 import TemplateError

    return (TemplateError, ValueError, TypeError, KeyError)
