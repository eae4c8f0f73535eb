"""``mneme models``: list, use, pull; and that nothing else ever goes out to a network."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.agent.pulling.conftest import FILES
from tests.agent.pulling.fake_hub import NAME, FakeHub, running
from tests.cli.conftest import Ran

Run = Callable[..., Ran]
TINY = Path(__file__).parents[1] / "tiny_model" / "checkpoint"


@pytest.fixture
def hub_cache(tmp_path: Path) -> Path:
    """A model that was downloaded, with a card; and one that is something else."""
    for name, files in {
        "ana--tiny-chat": FILES,
        "ana--encoder": {**FILES, "config.json": json.dumps({"architectures": ["BertModel"]}).encode()},
    }.items():
        folder = tmp_path / "hub" / f"models--{name}" / "snapshots" / "0123456789abcdef"
        folder.mkdir(parents=True)
        for file, content in files.items():
            (folder / file).write_bytes(content)
    return tmp_path / "hub"


@pytest.fixture
def cached(mneme: Run, hub_cache: Path) -> Run:
    return lambda *words, **more: mneme(*words, **{"env": {"HF_HUB_CACHE": str(hub_cache)}} | more)


def test_what_is_listed(cached: Run) -> None:
    listed = {model["name"]: model for model in cached("models", "list", "--json").done().json}
    assert {"memory_only", "ana/tiny-chat", "ana/encoder"} <= set(listed)
    tiny = listed["ana/tiny-chat"]
    assert (tiny["kind"], tiny["usable"], tiny["licence"], tiny["context_size"]) == (
        "downloaded",
        True,
        "apache-2.0",
        512,
    )
    assert tiny["bytes"] == len(FILES["model.safetensors"])
    assert tiny["memory_bytes"] > 400_000_000, "the libraries count too"
    assert listed["memory_only"]["in_use"]
    shown = cached("models", "list").done().out
    assert "apache-2.0" in shown
    assert "BertModel, which is no la" in shown


def test_use_writes_one_line_and_says_so(cached: Run, home: Path) -> None:
    home.mkdir()
    (home / "config.toml").write_text("# mine\n[model] # which\n# name\nseed = 3\n")
    ran = cached("models", "use", "ana/tiny-chat").done()
    assert ran.out == 'model.name: (not set) -> "ana/tiny-chat"\n'
    assert "config.toml, for all profiles" in ran.err
    assert (home / "config.toml").read_text() == '# mine\n[model] # which\n# name\nseed = 3\nname = "ana/tiny-chat"\n'
    [used] = [model for model in cached("models", "list", "--json").json if model["in_use"]]
    assert used["name"] == "ana/tiny-chat"
    again = cached("models", "use", "ana/tiny-chat").done()
    assert (again.out, "Nothing to change" in again.err) == ("", True)


def test_a_profile_can_have_a_model_of_its_own(cached: Run, home: Path) -> None:
    cached("models", "use", "ana/tiny-chat", "--profile", "work").done()
    cached("models", "use", str(TINY)).done()
    own = tomllib.loads((home / "profiles" / "work" / "config.toml").read_text())
    assert own == {"model": {"name": "ana/tiny-chat"}}
    for profile, name, origin in (("work", "ana/tiny-chat", "profile"), ("default", str(TINY), "file")):
        found = cached("config", "show", "--json", "--profile", profile).json["model.name"]
        assert (found["value"], found["from"]) == (name, origin)
    kept = cached("models", "use", "memory_only", "--json", env={"MNEME_PROFILE": "work"}).done().json
    assert (kept["in_force"], kept["changes"][0]["after"]) == (False, "memory_only")
    own_file = home / "profiles" / "work" / "config.toml"
    own_file.write_text('profile = "other"\n')
    cached("config", "show", "--profile", "work").refused("profile", str(own_file))


def test_a_server_that_does_not_run_now_can_be_chosen_too(cached: Run, home: Path) -> None:
    said = cached("models", "use", "llama3.2", "--server", "http://127.0.0.1:9/").done().err
    assert "Nothing answers there now" in said
    chosen = tomllib.loads((home / "config.toml").read_text())
    assert chosen == {"model": {"name": "llama3.2", "base_url": "http://127.0.0.1:9/v1"}}
    cached("models", "use", "ana/tiny-chat").done()
    assert tomllib.loads((home / "config.toml").read_text())["model"]["kind"] == "transformers"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ana/tiny-chatt",), ('no model "ana/tiny-chatt"', 'Did you mean "ana/tiny-chat"?')),
        (("ana/encoder",), ("holds BertModel",)),
        (("/",), ("has no config.json",)),
        (("ana/tiny-chat@v9",), ("neither a folder nor",)),
        (("x", "--server", "ftp://x"), ("http://",)),
    ],
)
def test_what_cannot_be_used_changes_nothing(
    cached: Run, home: Path, words: tuple[str, ...], said: tuple[str, ...]
) -> None:
    cached("models", "use", *words).refused(*said)
    assert not (home / "config.toml").exists()


def test_pull_end_to_end_then_use(mneme_apart: Run, tmp_path: Path) -> None:
    """In processes of their own: the hub's library reads its environment once."""
    with running(FakeHub({**FILES})) as hub:
        place = {"HF_ENDPOINT": hub.endpoint, "HF_HUB_CACHE": str(tmp_path / "cache")}
        ran = mneme_apart("models", "pull", NAME, env=place).done()
        assert ran.out == f"{NAME}\n"
        assert "4 files, 300 kB; commit" in ran.err
        assert f"mneme models use {NAME}" in ran.err
        hub.sends["model.safetensors"] = FILES["model.safetensors"][::-1]
        place["HF_HUB_CACHE"] = str(tmp_path / "other")
        spoilt = mneme_apart("models", "pull", NAME, "--json", env=place)
        assert (spoilt.code, spoilt.out) == (1, "")
        assert "SHA-256 differs" in spoilt.err
        asked = len(hub.asked)
        offline = mneme_apart("models", "pull", NAME, env=place | {"HF_HUB_OFFLINE": "1"}).refused(
            "HF_HUB_OFFLINE is set"
        )
        assert "Traceback" not in offline.err
        assert len(hub.asked) == asked
    gone = mneme_apart("models", "pull", NAME, env=place)
    assert (gone.code, gone.out) == (2, "")
    assert gone.err.splitlines()[-1].startswith("mneme: No hub could be reached")


WITHOUT_A_NETWORK = """
import shlex, socket, sys
from typer.main import get_command

tried = []

def refuse(self, address, *rest):
    local = self.family not in (socket.AF_INET, socket.AF_INET6) or address[0] in ("127.0.0.1", "::1")
    if not local:
        tried.append(address)
    raise ConnectionRefusedError(111, "Connection refused")

def no_name(host, *rest, **more):
    if host not in ("127.0.0.1", "::1", "localhost", None):
        tried.append(host)
    raise socket.gaierror(-2, "Name or service not known")

socket.socket.connect = socket.socket.connect_ex = refuse
socket.getaddrinfo = no_name
from tui import cli
for line in sys.stdin.read().splitlines():
    try:
        get_command(cli.app).main(shlex.split(line), standalone_mode=False)
    except SystemExit:
        pass
    except Exception as error:
        print("failed:", line, repr(error), file=sys.stderr)
print("tried:", tried, file=sys.stderr)
"""


def test_no_command_but_pull_goes_out(tmp_path: Path, hub_cache: Path) -> None:
    commands = [
        "config show",
        "models list",
        "models use memory_only",
        "memory note 'My cat is called Miso.'",
        "memory search cat",
        "memory check",
        "conversations list",
        f"ask --model {TINY} 'What is my cat called?'",
    ]
    environment = {"MNEME_HOME": str(tmp_path / "home"), "HF_HUB_CACHE": str(hub_cache), "OMP_NUM_THREADS": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", WITHOUT_A_NETWORK],
        input="\n".join(commands),
        env=environment | {"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=250,
        check=False,
    )
    assert "failed:" not in ran.stderr, ran.stderr
    assert "Miso" in ran.stdout
    assert ran.stderr.splitlines()[-1] == "tried: []", ran.stderr
