"""``mneme config``: showing, setting, and the profiles that are here."""

from __future__ import annotations

import stat
from pathlib import Path

from tests.command import Run, run_here


def test_a_setting_is_set_shown_and_unset(mneme: Run, home: Path) -> None:
    file = home / "config.toml"
    mneme("config", "path").done()
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    file.write_text("# Mine.\n[recall]\nbudget = 900\n")
    assert mneme("config", "set", "recall.limit", "5").done().out == "recall.limit: (not set) -> 5\n"
    assert file.read_text() == "# Mine.\n[recall]\nbudget = 900\nlimit = 5\n"
    assert mneme("config", "show", "recall.limit", "--json").done().json == {
        "recall.limit": {"value": 5, "from": "file"}
    }
    assert set(mneme("config", "show", "writing", "--json").done().json) == {"writing.merge"}
    assert mneme("config", "set", "recall.limit", "5").done().err.startswith("Nothing to change")
    assert mneme("config", "unset", "recall.limit").done().out == "recall.limit: 5 -> (not set)\n"
    assert file.read_text() == "# Mine.\n[recall]\nbudget = 900\n"


def test_words_need_no_quotes_and_values_keep_their_kind(mneme: Run) -> None:
    for name, words, value in (
        ("chat.user_name", "Ana", "Ana"),
        ("chat.user_name", "5", "5"),
        ("model.stop", '["a", "b"]', ["a", "b"]),
        ("recall.learned", "false", False),
        ("model.temperature", "0", 0.0),
    ):
        mneme("config", "set", name, words).done()
        assert mneme("config", "show", name, "--json").done().json[name]["value"] == value


def test_what_cannot_be_set_is_refused_and_nothing_is_written(mneme: Run, home: Path) -> None:
    mneme("config", "set", "recall.limt", "5").refused('Did you mean "recall.limit"?')
    mneme("config", "unset", "recall.limt").refused('Did you mean "recall.limit"?')
    mneme("config", "show", "recall.limt").refused('Did you mean "recall.limit"?')
    mneme("config", "set", "recall.limit", "many").refused("valid integer")
    mneme("config", "set", "model.api_key", "sk-1").refused("MNEME_MODEL__API_KEY")
    mneme("config", "set", "keys.timeline", "f11").refused("mneme config keys")
    mneme("config", "set", "profile", "a", "--profile", "b").refused("leave --profile away")
    assert not (home / "config.toml").exists()


def test_a_value_that_stops_every_command_can_be_set_right(mneme: Run, home: Path) -> None:
    mneme("config", "path").done()
    (home / "config.toml").write_text('[recall]\nlimit = "many"\n')
    mneme("memory", "list").refused("recall.limit")
    mneme("config", "set", "recall.limit", "7").done()
    mneme("memory", "list").done()


def test_what_wins_over_the_file_is_said(mneme: Run) -> None:
    said = mneme("config", "set", "recall.limit", "3", env={"MNEME_RECALL__LIMIT": "7"}).done().err
    assert "MNEME_RECALL__LIMIT is set and wins" in said
    mneme("config", "set", "recall.limit", "4", "--profile", "default").done()
    ran = mneme("config", "set", "recall.limit", "5", "--json").done()
    assert not ran.json["in_force"]
    assert "recall.limit of its own" not in ran.out


def test_a_profile_is_announced_where_there_are_others(mneme: Run, home: Path) -> None:
    assert "profile" not in mneme("memory", "note", "One.").done().err
    said = mneme("--profile", "wrok", "memory", "list").done().err
    assert "There was no profile wrok; now there is. The others: default." in said
    assert "There was no" not in mneme("--profile", "wrok", "memory", "list").done().err
    (home / "profiles" / "empty").mkdir()
    listed = mneme("config", "profiles", "--json").done().json
    assert [(one["name"], one["in_force"]) for one in listed] == [("default", True), ("wrok", False)]
    assert all(Path(one["path"]).is_relative_to(home) and one["bytes"] > 0 for one in listed)


def test_no_profile_yet(tmp_path: Path) -> None:
    assert "There is no profile yet" in run_here(tmp_path / "new")("config", "profiles").done().err
