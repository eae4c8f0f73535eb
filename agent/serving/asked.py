"""What a client asks for, read from the protocol's JSON: only what is understood gets through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from agent.models.base import Message, Role, Sampling

_NUMBERS = {
    "temperature": ("temperature", 0.0, 2.0),
    "top_p": ("top_p", 0.0, 1.0),
    "max_tokens": ("max_new_tokens", 1, 1_000_000),
    "max_completion_tokens": ("max_new_tokens", 1, 1_000_000),
    "seed": ("seed", 0, 2**63 - 1),
}
_WHOLE = frozenset({"max_tokens", "max_completion_tokens", "seed"})
_ROLES = {"developer": "system", "function": "tool"}
MOST = 10_000


class BadRequest(Exception):
    """The request cannot be answered; the message says why."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request to reply."""

    messages: tuple[Message, ...]
    """All but the last: what was said before."""
    words: str
    conversation: str | None
    stream: bool
    usage: bool
    """Whether a stream ends with the count of tokens."""
    sampling: dict[str, float | int]
    remember: bool = True
    """``"store": false`` in the request keeps nothing of it: a client's own housekeeping, such as making up a title."""

    @property
    def system(self) -> str:
        """What the client tells the model before everything else."""
        return "\n\n".join(message.content for message in self.messages if message.role == "system")

    def sampled(self, sampling: Sampling) -> Sampling:
        """``sampling`` with what the client wants otherwise."""
        return replace(sampling, **self.sampling)  # type: ignore[arg-type]  # names and types are those of _NUMBERS


def read(body: Any, conversation: str | None) -> Asked:
    """Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("The body must be a JSON object.")
    messages = [message for message in map(_message, _listed(body.get("messages"))) if message is not None]
    if not messages or messages[-1].role != "user":
        raise BadRequest("The last message must be the user's: it is the one that is answered.")
    if not messages[-1].content.strip():
        raise BadRequest("The last message has no words.")
    if body.get("n") not in (None, 1):
        raise BadRequest("One reply at a time: n must be 1.")
    options = body.get("stream_options")
    return Asked(
        tuple(messages[:-1]),
        messages[-1].content,
        (conversation or "").strip() or None,
        body.get("stream") is True,
        isinstance(options, dict) and options.get("include_usage") is True,
        _sampling(body),
        body.get("store") is not False,
    )


def _listed(value: Any) -> Sequence[Any]:
    if not isinstance(value, list) or not value:
        raise BadRequest('"messages" must be an array of at least one message.')
    if len(value) > MOST:
        raise BadRequest(f"More than {MOST:,} messages.")
    return value


def _message(value: Any) -> Message | None:
    if not isinstance(value, dict) or not isinstance(value.get("role"), str):
        raise BadRequest('Each message is an object with "role" and "content".')
    role = _ROLES.get(value["role"], value["role"])
    if role == "tool":
        return None  # what a tool said is no part of the conversation
    if role not in get_args(Role):
        raise BadRequest(f'There is no role "{value["role"][:40]}".')
    return Message(role, _content(value.get("content")))  # type: ignore[arg-type]  # it is one of them


def _content(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if not isinstance(value, list):
        raise BadRequest('"content" must be text, or an array of parts.')
    texts = [part.get("text") for part in value if isinstance(part, dict) and part.get("type") == "text"]
    return "\n".join(text for text in texts if isinstance(text, str))


def _sampling(body: dict[str, Any]) -> dict[str, float | int]:
    found: dict[str, float | int] = {}
    for key, (name, least, most) in _NUMBERS.items():
        value = body.get(key)
        if value is None:
            continue
        good = isinstance(value, int) if key in _WHOLE else isinstance(value, (int, float))
        if not good or isinstance(value, bool) or not least <= value <= most:
            raise BadRequest(f'"{key}" must be a number from {least} to {most}.')
        found[name] = value
    return found
