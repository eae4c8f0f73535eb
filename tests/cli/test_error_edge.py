"""The one place where errors end."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from memory_store.errors import InvalidInput
from tui.process import error_edge, exit_codes
from tui.process.error_edge import guard


@pytest.fixture(autouse=True)
def log_file(tmp_path: Path) -> Iterator[Path]:
    file = tmp_path / "logs" / "mneme.log"
    error_edge.configure(debug=False)
    error_edge.log_to(file)
    yield file
    error_edge.log_to(tmp_path / "unused")


def raising(error: BaseException) -> Any:
    def command() -> None:
        raise error

    return command


def test_what_is_foreseen_is_one_line(capsys: pytest.CaptureFixture[str], log_file: Path) -> None:
    assert guard(raising(InvalidInput("Two\nlines \x1b[2J."))) == exit_codes.USAGE
    assert capsys.readouterr() == ("", "mneme: Two lines .\n")
    assert not log_file.exists()


def test_what_is_not_foreseen_is_one_line_and_a_traceback_in_a_private_log(
    capsys: pytest.CaptureFixture[str], log_file: Path
) -> None:
    assert guard(raising(ZeroDivisionError("a\nb"))) == exit_codes.USAGE
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "ZeroDivisionError" in shown
    assert str(log_file) in shown
    assert "Traceback" in log_file.read_text()
    assert log_file.stat().st_mode & 0o777 == 0o600


def test_a_log_that_cannot_be_written_is_not_named(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    error_edge.log_to(tmp_path / "file" / "mneme.log")
    assert guard(raising(ZeroDivisionError())) == exit_codes.USAGE
    shown = capsys.readouterr().err
    assert shown.count("\n") == 1
    assert "--debug" in shown


def test_leaving_interrupting_and_finishing_keep_their_codes() -> None:
    assert guard(raising(SystemExit(1))) == 1
    assert guard(raising(KeyboardInterrupt())) == 130
    assert guard(lambda: None) == 0


def test_a_reader_that_goes_away_is_no_error(mneme: Any, home: Path) -> None:
    mneme("memory", "note", "x").done()
    read, write = os.pipe()
    os.close(read)
    environment = os.environ | {"MNEME_HOME": str(home)}
    command = [Path(sys.executable).with_name("mneme"), "memory", "list"]
    ran = subprocess.run(command, stdout=write, stderr=subprocess.PIPE, env=environment, check=False, timeout=60)
    os.close(write)
    assert ran.stderr == b""
    assert ran.returncode == exit_codes.FAILED


def test_ctrl_c_is_130_and_changes_nothing(mneme: Any, mneme_apart: Any, tmp_path: Path) -> None:
    note = mneme("memory", "note", "x", "--json").done().json[0]["id"]
    editor = tmp_path / "editor.sh"
    editor.write_text('#!/bin/sh\necho changed > "$1"\nkill -INT $PPID\n')
    editor.chmod(0o700)
    ran = mneme_apart("memory", "edit", note, env={"EDITOR": str(editor), "VISUAL": ""})
    assert ran.code == exit_codes.INTERRUPTED
    assert "Traceback" not in ran.err
    assert mneme("memory", "show", note, "--json").done().json["text"] == "x"
