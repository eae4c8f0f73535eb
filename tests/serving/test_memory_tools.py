"""The memory as tools, used by the protocol's own client: over standard input and over HTTP."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from mcp import ClientSession, StdioServerParameters
from mcp.client.stdio import stdio_client
from mcp.client.streamable_http import streamablehttp_client
from mcp.shared.memory import create_connected_server_and_client_session as connected
from mcp.types import TextContent

from agent.serving.access import Guarded
from agent.serving.memory_tools import server
from memory_store import MemoryStore
from tests.conftest import OpenStore

TOKEN = "a token for these tests"


async def call(session: ClientSession, tool: str, **arguments: Any) -> Any:
    result = await session.call_tool(tool, arguments)
    assert not result.isError, result.content
    return result.structuredContent


async def refused(session: ClientSession, tool: str, **arguments: Any) -> str:
    result = await session.call_tool(tool, arguments)
    assert result.isError
    (content,) = result.content
    assert isinstance(content, TextContent)
    return content.text


async def test_remember_search_correct_forget(open_store: OpenStore) -> None:
    store = open_store()
    async with connected(server(store)) as session:
        assert (await session.initialize()).serverInfo.version == version("mneme")
        kept = (await call(session, "remember", text="My cat is called Mizo.", pinned=True))["memory"]
        assert kept["pinned"]
        await call(session, "correct_memory", id=kept["id"], text="My cat is called Miso.")
        found = await call(session, "search_memory", query="What is my cat called?")
        assert found["memories"][0]["text"] == "My cat is called Miso."
        read = await call(session, "read_memory", id=kept["id"][:6])
        assert read["earlier_wordings"][0]["text"] == "My cat is called Mizo."
        await call(session, "forget_memory", id=kept["id"])
        assert (await call(session, "search_memory", query="What is my cat called?"))["memories"] == []
        await call(session, "restore_memory", id=kept["id"])
        assert (await call(session, "search_memory", query="cat"))["memories"]
    assert [act.kind for act in store.acts()][:2] == ["restore", "forget"]


async def test_conversations_are_resources(open_store: OpenStore) -> None:
    store = open_store()
    talk = store.begin_conversation(title="Tea")
    store.remember("I like green tea.", conversation=talk.id)
    async with connected(server(store)) as session:
        listed = await session.read_resource("mneme://conversations")  # type: ignore[arg-type]
        assert json.loads(listed.contents[0].text)[0]["title"] == "Tea"  # type: ignore[union-attr]
        one = await session.read_resource(f"mneme://conversations/{talk.id}")  # type: ignore[arg-type]
        assert json.loads(one.contents[0].text)["turns"][0]["text"] == "I like green tea."  # type: ignore[union-attr]


async def test_what_cannot_be_done_is_said(open_store: OpenStore) -> None:
    async with connected(server(open_store())) as session:
        assert "nothing" in await refused(session, "forget_memory", id="nothing")
        assert "date" in await refused(session, "search_memory", query="x", as_of="yesterdayish")
        assert "limit" in await refused(session, "search_memory", query="x", limit=0)
        assert "no words" in await refused(session, "remember", text="  ")


async def test_over_standard_input(tmp_path: Path) -> None:
    """The command as a client's configuration names it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MNEME_")}
    command = StdioServerParameters(
        command=str(Path(sys.executable).with_name("mneme")),
        args=["serve", "--mcp"],
        env=environment | {"MNEME_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"},
    )
    async with stdio_client(command) as (read, write), ClientSession(read, write) as session:
        await session.initialize()
        tools = {tool.name for tool in (await session.list_tools()).tools}
        assert {"search_memory", "remember", "forget_memory"} <= tools
        await call(session, "remember", text="My cat is called Miso.")
        found = await call(session, "search_memory", query="What is my cat called?")
        assert found["memories"][0]["text"] == "My cat is called Miso."


@asynccontextmanager
async def over_http(store: MemoryStore) -> AsyncIterator[str]:
    import asyncio

    config = uvicorn.Config(Guarded(server(store).streamable_http_app(), TOKEN), port=0, log_level="error")
    running = uvicorn.Server(config)
    task = asyncio.create_task(running.serve())
    try:
        while not running.started:
            await asyncio.sleep(0.01)
        yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}/mcp"
    finally:
        running.should_exit = True
        await task


@pytest.mark.filterwarnings("ignore")
async def test_over_http_behind_a_token(open_store: OpenStore) -> None:
    store = open_store()
    async with over_http(store) as url:
        headers = {"Authorization": f"Bearer {TOKEN}"}
        async with (
            streamablehttp_client(url, headers=headers) as (read, write, _),
            ClientSession(read, write) as session,
        ):
            await session.initialize()
            await call(session, "remember", text="My cat is called Miso.")
        async with httpx.AsyncClient() as client:
            assert (await client.post(url, json={})).status_code == 401
            bad = await client.post(url, content=b"{", headers=headers | {"Content-Type": "application/json"})
            assert 400 <= bad.status_code < 500
    assert [memory.text for memory in store.memories()] == ["My cat is called Miso."]
