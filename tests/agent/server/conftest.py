"""What the tests of servers share: a model on a scripted server, with little patience."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from agent.models.server.model import ServerModel
from agent.settings import ModelSettings
from tests.agent.server.serving import Answer, Served, serving

Connected = Callable[..., tuple[ServerModel, Served]]


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are for servers that start; and no proxy of this machine plays a part."""
    monkeypatch.setattr("agent.models.server.model.FIRST_PAUSE_S", 0.01)
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def connected() -> Iterator[Connected]:
    """``connected(chat, settings={...}, GET__props=...)`` -> a model and the server it talks to."""
    with ExitStack() as stack:

        def connect(chat: Answer | None = None, *, settings: dict[str, Any] | None = None, **answers: Answer):
            served = stack.enter_context(serving(chat, **answers))
            given = {"base_url": served.url, "read_timeout": 20.0, "connect_retries": 0} | (settings or {})
            model = ServerModel.connect(ModelSettings(**given))
            stack.callback(model.close)
            return model, served

        yield connect
