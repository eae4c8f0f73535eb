"""The driver of the side-by-side benchmark, with a tiny peer of the test's own in place of the real ones."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.bench.data import Corpus, DataSet, Question
from agent.bench.embedding import CachingEmbedder
from agent.bench.running import OURS
from benchmarks.peers import __main__ as command
from benchmarks.peers.catalogue import HERE, PEERS, Peer, PeerFailed
from benchmarks.peers.driving import Heard, ask_peer
from benchmarks.peers.measuring import Pythons, side_by_side
from benchmarks.peers.plan import Step, steps
from memory_store.records import NewTurn
from tests.bench.making import HEADER, BagOfWords, memory, question, silently

MakePeer = Callable[..., Peer]
HEAD = f"""
import sys
sys.path.insert(0, {str(HERE / "adapters")!r})
from serving import serve

class Tiny:
    def __init__(self, folder, embed):
        self.embed, self.rows = embed, {{}}
    def add(self, places, texts):
        self.rows.update(zip(places, self.embed(texts)))
    def search(self, query, limit):
        asked = self.embed([query])[0]
        near = lambda place: sum(a * b for a, b in zip(asked, self.rows[place]))
        return sorted(self.rows, key=near, reverse=True)[:limit]
"""
SERVE = 'serve("numpy", Tiny)'


@pytest.fixture
def a_peer(tmp_path: Path) -> MakePeer:
    """A peer whose adapter is a tiny exact search, with these lines after its class."""

    def make(*lines: str, name: str = "tiny") -> Peer:
        adapter = tmp_path / f"{name}_adapter.py"
        adapter.write_text("\n".join((HEAD, *lines, SERVE)), "utf-8")
        return Peer(name, name.title(), adapter, tmp_path / "none.txt")

    return make


def corpus(*questions: Question) -> Corpus:
    turns = (
        NewTurn("My cat is called Miso.", "Ana", "c", datetime(2026, 1, 1, tzinfo=UTC)),
        NewTurn("The spare key is with Zoe.", "Bo", "c", datetime(2026, 1, 3, tzinfo=UTC)),
        NewTurn("We walked along the river.", "Ana", "c", datetime(2026, 1, 2, tzinfo=UTC)),
        NewTurn("The spare key is under the mat.", "Bo", "d"),
    )
    return Corpus("one", turns, ("k0", "k1", "k2", "k3"), questions)


CAT, KEY = Question("What is the cat called?", frozenset({"k0"})), Question("The spare key?", frozenset({"k1", "k3"}))
EARLY = Question("The spare key?", frozenset({"k2"}), as_of=datetime(2026, 1, 2, 12, tzinfo=UTC))


def heard(peer: Peer, *questions: Question, minutes: float = 1) -> Heard:
    return ask_peer(
        peer, Path(sys.executable), corpus(*questions), 2, BagOfWords(), lambda done, total: None, minutes=minutes
    )


def test_a_question_comes_when_what_it_may_know_is_in_and_nothing_else() -> None:
    assert list(steps(corpus(CAT, EARLY, KEY))) == [Step((0, 2), (1,)), Step((1, 3), (0, 2))]


def test_it_answers_with_the_embedders_vectors(a_peer: MakePeer) -> None:
    found = heard(a_peer(), CAT, EARLY, KEY)
    assert found.found[0][0] == 0
    assert set(found.found[2]) == {1, 3}
    assert set(found.found[1]) == {0, 2}
    assert found.seconds.keys() == {0, 1, 2}
    assert re.fullmatch(r"\d+\.\d+.*", found.version)
    assert found.reached_for == ()


def test_nothing_is_asked_of_an_empty_store(a_peer: MakePeer) -> None:
    before = Question("Who?", frozenset({"k0"}), as_of=datetime(2020, 1, 1, tzinfo=UTC))
    assert heard(a_peer(), before, CAT).found[0] == []


def test_what_a_product_prints_is_no_message(a_peer: MakePeer) -> None:
    lines = """
import os
def search(self, query, limit, plainly=Tiny.search):
    print("hello")
    os.write(1, b"from below")
    return plainly(self, query, limit)
Tiny.search = search
"""
    noisy = a_peer(lines)
    assert heard(noisy, CAT).found[0][0] == 0


def test_no_socket_leaves_the_machine_and_the_attempt_is_told(a_peer: MakePeer) -> None:
    lines = """
import socket
def search(self, query, limit, plainly=Tiny.search):
    for host in ("stats.example.org", "192.0.2.7"):
        try:
            socket.create_connection((host, 443))
        except OSError as refused:
            assert "no network" in str(refused), refused
    server = socket.create_server(("127.0.0.1", 0))
    socket.create_connection(server.getsockname())
    return plainly(self, query, limit)
Tiny.search = search
"""
    found = heard(a_peer(lines), CAT)
    assert found.reached_for == ("192.0.2.7", "stats.example.org")
    assert found.found[0][0] == 0


@pytest.mark.parametrize(
    ("lines", "reason"),
    [
        ("Tiny.search = lambda *_: 1 / 0", "ZeroDivisionError: division by zero"),
        ("raise SystemExit('it needs a license')", "it needs a license"),
        ("import os; os._exit(3)", "it said nothing"),
        ("Tiny.search = lambda *_: [99]", "its adapter named a turn that there is not"),
        ("import os; os.write(1, b'{\\n')", "its adapter said what is no message: '{'"),
    ],
)
def test_why_it_failed_in_one_line(a_peer: MakePeer, lines: str, reason: str) -> None:
    with pytest.raises(PeerFailed) as failed:
        heard(a_peer(lines), CAT)
    assert str(failed.value) == reason


def test_one_that_hangs_is_stopped(a_peer: MakePeer) -> None:
    with pytest.raises(PeerFailed, match=re.escape("stopped after 0.02 minutes")):
        heard(a_peer("import time; time.sleep(60)"), CAT, minutes=0.02)


def test_it_runs_in_a_home_of_its_own_without_the_users_keys(a_peer: MakePeer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_API_KEY", "secret")
    check = "import os; assert 'SOME_API_KEY' not in os.environ and 'mneme-peer-' in os.path.expanduser('~')"
    assert heard(a_peer(check), CAT).found[0][0] == 0


def test_figures_beside_mnemes_and_one_that_fails_beside_them(a_peer: MakePeer) -> None:
    peers = (a_peer(), a_peer("raise ValueError('broken\\nin two lines')", name="broken"))
    pythons = Pythons({peer.name: Path(sys.executable) for peer in peers})
    data = DataSet("set", "turn", (corpus(CAT, KEY), corpus(), corpus(CAT)))
    found = side_by_side(data, peers, pythons, CachingEmbedder(BagOfWords()), silently, minutes=1, seed=0)
    figures = {name: method["figures"] for name, method in found["methods"].items()}
    assert {"mneme", "Tiny", "vectors only"} <= figures.keys()
    assert "Broken" not in figures
    assert figures["Tiny"] == figures["vectors only"]
    assert figures["Tiny"]["recall@5"]["value"] == figures[OURS]["recall@5"]["value"] == 1
    assert found["peers"]["tiny"]["ms"]["median"] > 0
    assert found["peers"]["broken"] == {"title": "Broken", "failed": "ValueError: broken in two lines"}


@pytest.fixture
def asked(
    a_peer: MakePeer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """The command with two tiny peers, whose environments are this one; the second fails."""
    monkeypatch.setattr(command, "default_embedder", BagOfWords)
    peers = (a_peer(), a_peer("raise ValueError('broken')", name="broken"))
    found = Pythons({"tiny": Path(sys.executable)}, {"broken": "pip could not install it: no"})
    monkeypatch.setattr(command, "prepared", lambda *_: found)
    data = tmp_path / "data.jsonl"
    rows = [HEADER, memory("m1", "My cat is called Miso."), question("What is my cat called?", "m1")]
    data.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")

    def run(*arguments: str) -> tuple[int, str, str]:
        code = command.main([str(data), *arguments], peers)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


def test_the_table(asked: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = asked()
    assert code == 1
    row = next(line for line in out.splitlines() if "Tiny" in line)
    assert "100.0" in row
    assert "1.000" in row
    assert "+0.0 [+0.0, +0.0]" in row
    assert "Broken was not measured: pip could not install it: no" in out


def test_the_json_of_one_peer(asked: Callable[..., tuple[int, str, str]]) -> None:
    code, out, _ = asked("--json", "--peer", "tiny")
    assert code == 0
    found = json.loads(out)["sets"][0]
    assert found["peers"].keys() == {"tiny"}
    assert found["methods"]["Tiny"]["figures"]["mrr"]["value"] == 1


def test_data_that_is_not_there_is_one_line(asked: Callable[..., tuple[int, str, str]]) -> None:
    code, out, err = asked("nowhere.json")
    assert (code, out) == (2, "")
    assert err.splitlines() == ["peers: nowhere.json: there is no such file or folder."]


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_every_distribution_of_a_peer_is_pinned_and_its_own_is_among_them(peer: Peer) -> None:
    lines = [line for line in peer.requirements.read_text("utf-8").splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9_.-]+==[^=\s]+( ?;.*)?", line) for line in lines)
    served = re.search(r'serve\("(.+?)"', peer.adapter.read_text("utf-8"))
    assert served
    assert any(line.startswith(f"{served[1]}==") for line in lines)
