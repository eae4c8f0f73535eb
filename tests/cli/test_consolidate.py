"""mneme consolidate, with a model behind a server, and without one."""

from __future__ import annotations

import _thread
import json
from pathlib import Path

import pytest

from tests.agent.server.serving import Exchange, saying, serving
from tests.cli.conftest import Run

FACT = json.dumps({"kind": "fact", "text": "The user keeps bees on the roof.", "from": [1]})


def test_without_a_model_nothing_is_derived_and_it_is_said_what_recall_uses(mneme: Run) -> None:
    mneme("ask", "Always answer in French.").done()
    told = mneme("consolidate").done()
    assert "no notes were taken" in told.err
    assert "1 standing instruction" in told.err
    assert mneme("consolidate", "--json").done().json["standing"] == 1


def test_notes_are_taken_listed_exported_and_revoked(mneme: Run) -> None:
    mneme("ask", "I keep bees on the roof.").done()
    with serving(saying(FACT, "\n{nonsense")) as served:
        env = {"MNEME_MODEL__BASE_URL": served.url}
        done = mneme("consolidate", env=env).done()
        assert "The user keeps bees on the roof." in done.out
        assert "1 part of conversations read, 1 note kept." in done.err
        again = mneme("consolidate", "--json", env=env).done().json
        assert (again["parts"], again["notes"]) == (0, [])
        assert "--again reads it anew" in mneme("consolidate", env=env).done().err
    [note] = mneme("consolidate", "--list", "--json").done().json
    assert (note["speaker"], note["kind"], len(note["sources"])) == ("derived", "fact", 1)
    assert "fact: The user keeps bees on the roof." in mneme("consolidate", "--list").done().out
    assert '"speaker": "derived"' in mneme("memory", "export").done().out.replace('":"', '": "')
    told = mneme("memory", "show", note["id"]).done().out
    assert "A fact derived from:" in told
    assert "I keep bees on the roof." in told
    found = mneme("memory", "search", "bees roof", "--json").done().json
    assert "derived" not in [hit["speaker"] for hit in found]
    wanted = {"MNEME_RECALL__DERIVED": "true"}
    found = mneme("memory", "search", "bees roof", "--json", env=wanted).done().json
    assert "derived" in [hit["speaker"] for hit in found][1:]
    assert "1 derived note forgotten" in mneme("consolidate", "--revoke").done().err
    assert "There is no derived note" in mneme("consolidate", "--revoke").done().err
    mneme("undo", "--yes").done()
    assert len(mneme("consolidate", "--list", "--json").done().json) == 1


@pytest.mark.parametrize("interrupted", [True, False])
def test_what_was_done_before_it_is_stopped_stays_and_is_told(mneme: Run, tmp_path: Path, interrupted: bool) -> None:
    log = tmp_path / "log.jsonl"
    rows = [{"role": "user", "content": "I keep bees on the roof.", "conversation": str(number)} for number in range(3)]
    log.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    mneme("memory", "import", str(log)).done()
    good = saying(FACT)

    def answer(exchange: Exchange) -> None:
        if len(exchange.served.bodies()) != 2:
            good(exchange)
        elif interrupted:
            exchange.begin()
            _thread.interrupt_main()  # Ctrl+C
            exchange.stall()
        else:
            exchange.json({"error": {"message": "out of memory"}}, 500)

    with serving(answer) as served:
        env = {"MNEME_MODEL__BASE_URL": served.url}
        stopped = mneme("consolidate", env=env)
        assert stopped.code == (130 if interrupted else 2)
        assert "1 part of conversations read, 1 note kept. 2 left to read. What was done is kept" in stopped.err
        assert len(mneme("consolidate", "--list", "--json").done().json) == 1
        went_on = mneme("consolidate", "--json", env=env).done().json
        assert (went_on["parts"], went_on["left"]) == (2, 0)
        assert len(served.bodies()) == 4, "the part that was cut short is read again, and none of the others"
