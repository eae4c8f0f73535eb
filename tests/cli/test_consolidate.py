"""mneme consolidate, with a model behind a server, and without one."""

from __future__ import annotations

import json

from tests.agent.server.serving import saying, serving
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
