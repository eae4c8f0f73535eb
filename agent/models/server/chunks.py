"""One event of a streamed reply, or a whole reply: JSON -> what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from agent.errors import ModelError, one_line

DONE = "[DONE]"


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one event adds. ``finish`` is the reason given for the end, empty before it."""

    text: str = ""
    thought: str = ""
    finish: str = ""
    prompt_tokens: int = 0
    reply_tokens: int = 0
    """Thoughts included. 0: not told."""
    thought_tokens: int = 0


def read_chunk(data: str) -> Chunk:
    """Raises ModelError for an error that the server reports, and for what is no chunk."""
    try:
        found: Any = json.loads(data)
    except (ValueError, RecursionError):
        if data.lstrip().startswith('{"error"'):  # a message with quotation marks in it, put together by hand
            raise _reported(data.partition(":")[2].strip(' {}"')) from None
        raise nonsense(data) from None
    if not isinstance(found, dict):
        raise nonsense(data)
    if found.get("error"):
        raise _reported(found["error"])
    choices = found.get("choices")
    if not isinstance(choices, list):
        if "usage" in found or "object" in found:
            return _with_usage(Chunk(), found.get("usage"))
        raise nonsense(data)
    choice = choices[0] if choices and isinstance(choices[0], dict) else {}
    said = choice.get("delta") or choice.get("message") or {}
    if not isinstance(said, dict):
        raise nonsense(data)
    thought = _text(said.get("reasoning_content")) or _text(said.get("reasoning"))
    chunk = Chunk(_text(said.get("content")), thought, _text(choice.get("finish_reason")))
    return _with_usage(chunk, found.get("usage"))


def nonsense(data: str) -> ModelError:
    """The answer is something, but no reply."""
    shown = one_line(data, 60)
    return ModelError(f'The server sends something that is no reply ("{shown}"). Check model.base_url.')


def _reported(error: Any) -> ModelError:
    message = error.get("message", error) if isinstance(error, dict) else error
    text = message if isinstance(message, str) else json.dumps(message)
    return ModelError(f"The server could not go on: {one_line(text, 200)}. Try again, or look at the server's own log.")


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""


def _with_usage(chunk: Chunk, usage: Any) -> Chunk:
    if not isinstance(usage, dict):
        return chunk
    details = usage.get("completion_tokens_details")
    thought = _number(details.get("reasoning_tokens")) if isinstance(details, dict) else 0
    prompt, reply = _number(usage.get("prompt_tokens")), _number(usage.get("completion_tokens"))
    return Chunk(chunk.text, chunk.thought, chunk.finish, prompt, reply, thought)


def _number(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
