"""An OpenAI-compatible chat endpoint over a memory: any client that speaks the protocol gets an agent that remembers.

    POST /v1/chat/completions      streamed or whole; the last message is answered, what came before is the conversation
    GET  /v1/models                the model in force

Only the client's last message is new: history, recall and pinned memories are mneme's. The header ``X-Conversation-Id``
names a conversation; without it :mod:`agent.serving.threads` finds the one that the request goes on with.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from agent.serving.access import Asgi, Guarded
from agent.serving.asked import Asked, BadRequest, read
from agent.serving.replying import Replier, Said

HEADER = "X-Conversation-Id"
MAX_BODY = 16 << 20
BODY_S = 30


def app(replier: Replier, token: str) -> Asgi:
    """The ASGI application."""

    async def completions(request: Request) -> Response:
        try:
            asked = read(await _body(request), request.headers.get(HEADER))
        except BadRequest as error:
            return failure(400, str(error))
        except (ClientDisconnect, TimeoutError):  # nobody listens, or nobody speaks: its place is for others
            return failure(408, f"The request did not arrive whole within {BODY_S} seconds.")
        said = await replier.begin(asked)
        if asked.stream:
            return await _streamed(replier, said, asked)
        return await _whole(said, replier.model_name)

    async def models(_: Request) -> Response:
        listed = {"id": replier.model_name, "object": "model", "created": 0, "owned_by": "mneme"}
        return JSONResponse({"object": "list", "data": [listed]})

    routes = [
        Route("/v1/chat/completions", completions, methods=["POST"]),
        Route("/v1/models", models, methods=["GET"]),
    ]
    return Guarded(Starlette(routes=routes), token, failure)


def failure(status: int, message: str) -> JSONResponse:
    """An error as clients of the protocol expect it."""
    return JSONResponse({"error": _error(message)}, status)


def _error(message: str) -> dict[str, Any]:
    return {"message": message, "type": "mneme_error", "code": None, "param": None}


async def _body(request: Request) -> Any:
    raw = bytearray()
    async with asyncio.timeout(BODY_S):
        async for part in request.stream():
            raw += part
            if len(raw) > MAX_BODY:
                raise BadRequest(f"The request is larger than {MAX_BODY >> 20} MiB.")
    try:
        return json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise BadRequest("The body is not valid JSON.") from error


async def _whole(said: Said, model: str) -> Response:
    text = ""
    try:
        async for piece in said:
            text += piece
    finally:
        said.cancel()
    if said.problem and not text:
        return failure(said.status, said.problem)
    choice = {"index": 0, "message": {"role": "assistant", "content": text}, "finish_reason": said.finish_reason}
    document = {**_frame(said, model, "chat.completion"), "choices": [choice], "usage": said.usage, "mneme": said.about}
    return JSONResponse(document, headers={HEADER: said.conversation})


async def _streamed(replier: Replier, said: Said, asked: Asked) -> Response:
    first = await anext(said, None)  # so that what fails at once fails with a status
    if first is None and said.problem:
        return failure(said.status, said.problem)
    return StreamingResponse(
        _events(said, first, replier.model_name, usage=asked.usage),
        media_type="text/event-stream",
        headers={HEADER: said.conversation, "Cache-Control": "no-cache"},
    )


async def _events(said: Said, first: str | None, model: str, *, usage: bool) -> AsyncIterator[str]:
    frame = _frame(said, model, "chat.completion.chunk")

    def chunk(delta: dict[str, str], finish: str | None = None, **more: Any) -> str:
        choice = {"index": 0, "delta": delta, "finish_reason": finish}
        return _event({**frame, "choices": [choice], **more})

    try:
        yield chunk({"role": "assistant", "content": first or ""})
        async for piece in said:
            yield chunk({"content": piece})
        if said.problem:
            yield _event({"error": _error(said.problem)})
        else:
            yield chunk({}, said.finish_reason, mneme=said.about)
            if usage:
                yield _event({**frame, "choices": [], "usage": said.usage})
        yield "data: [DONE]\n\n"
    finally:
        said.cancel()  # the client is gone, or has all of it


def _event(document: dict[str, Any]) -> str:
    return f"data: {json.dumps(document)}\n\n"


def _frame(said: Said, model: str, kind: str) -> dict[str, Any]:
    return {"id": f"chatcmpl-{said.number}", "object": kind, "created": int(time.time()), "model": model}
