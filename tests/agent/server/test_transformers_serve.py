"""Against a real server: ``transformers serve`` with a tiny model, on loopback, ended with the test."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from agent.dialogue import Dialogue
from agent.events import Finished, Recalled, Stored
from agent.models.base import Sampling
from agent.models.loading import load_model
from agent.models.server.discovery import discover
from agent.models.server.model import ServerModel
from agent.models.transformers_model import TransformersModel
from agent.settings import ModelSettings, load_settings
from tests.agent.server.talking import HELLO, hear
from tests.command import run_here
from tests.conftest import OpenStore

PATIENCE_S = 240.0
SERVE = """
import os, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()  # ends with whoever started it
from transformers.cli.transformers import main
sys.argv = ["transformers", "serve", *sys.argv[1:]]
main()
"""


@pytest.fixture(scope="module")
def server(tiny_llama: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    cache = tmp_path_factory.mktemp("hub")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "HF_HUB_CACHE": str(cache), "OMP_NUM_THREADS": "1"}
    arguments = [str(tiny_llama), "--host", "127.0.0.1", "--port", str(port), "--device", "cpu"]
    with (
        (cache / "log").open("wb") as log,
        subprocess.Popen(
            [sys.executable, "-c", SERVE, *arguments], stdin=subprocess.PIPE, stdout=log, stderr=log, env=environment
        ) as process,
    ):
        try:
            end = time.monotonic() + PATIENCE_S
            while not discover(2.0, (port,)):
                assert process.poll() is None, (cache / "log").read_text()
                assert time.monotonic() < end, (cache / "log").read_text()
                time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.kill()


@pytest.mark.slow
def test_a_real_server_says_what_the_model_says_in_process(
    server: str, tiny_llama: Path, tmp_path: Path, open_store: OpenStore
) -> None:
    greedy = Sampling(temperature=0.0, top_p=1.0, max_new_tokens=24)
    served = ServerModel.connect(ModelSettings(kind="server", base_url=server, name=str(tiny_llama)))
    own = TransformersModel.load(ModelSettings(name=str(tiny_llama)))
    said = "".join(piece for piece in own.stream(HELLO, greedy, threading.Event()) if isinstance(piece, str))
    heard = hear(served, sampling=greedy)
    assert len(heard.pieces) > 1
    assert heard.text == said.lstrip()
    assert heard.generated is not None
    assert heard.generated.prompt_tokens == own.count_prompt(HELLO.messages)
    assert heard.generated.reason == "length"

    cancel = threading.Event()
    stream = served.stream(HELLO, Sampling(0.0, 1.0, 900), cancel)
    assert next(stream)
    cancel.set()
    assert list(stream) == []
    assert hear(served, sampling=greedy).text == heard.text, "the server is free again"
    served.close()

    talk = load_settings(tmp_path / "home", model={"kind": "server", "base_url": server, "name": str(tiny_llama)})
    with closing(load_model(talk)) as model:
        events = list(Dialogue(open_store(), model, settings=talk, sampling=greedy).reply("Hello"))
    assert isinstance(events[-1], Finished)
    assert {Recalled, Stored} <= {type(event) for event in events}

    environment = {"MNEME_MODEL__KIND": "server", "MNEME_MODEL__BASE_URL": server, "MNEME_MODEL__MAX_NEW_TOKENS": "8"}
    asked = run_here(tmp_path / "home")("ask", "Hello", "--model", str(tiny_llama), "--json", env=environment).done()
    assert asked.json["reply"]
    assert asked.json["model"] == str(tiny_llama)
