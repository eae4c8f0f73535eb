"""Where every error of a command ends: one line on standard error and an exit code, never a traceback.

What nobody foresaw is written, with its traceback, to the log file; ``mneme --debug`` (or MNEME_DEBUG=1) shows it too.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path

from memory_store.errors import MnemeError
from tui.process import exit_codes

log = logging.getLogger("mneme")
log.addHandler(logging.NullHandler())


def configure(*, debug: bool) -> None:
    """Let what is printed survive any terminal encoding, and remember whether tracebacks are wanted."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    log.propagate = False
    log.setLevel(logging.DEBUG if debug or os.environ.get("MNEME_DEBUG") else logging.INFO)


def log_to(file: Path) -> None:
    """Append what is logged from now on to ``file``, created when there is something to write."""
    from tui.process.logs import LazyFile

    for old in [handler for handler in log.handlers if isinstance(handler, LazyFile)]:
        log.removeHandler(old)
        old.close()
    log.addHandler(LazyFile(file))


def guard(command: Callable[[], object]) -> int:
    """Run ``command`` and return its exit code."""
    try:
        code = _exit_code(command)
        if not sys.stdout.closed:  # an MCP server's transport has closed it when its client went away
            sys.stdout.flush()
    except BrokenPipeError:
        return _quietly()
    except KeyboardInterrupt:
        return exit_codes.INTERRUPTED
    except MnemeError as error:
        return refuse(str(error))
    except Exception as error:  # noqa: BLE001  the process edge: there is nobody above to tell
        return refuse(_unforeseen(error))
    return code


def refuse(message: str) -> int:
    """Print ``message`` as one line on standard error."""
    from tui.text.sanitise import one_line

    try:
        print(f"mneme: {one_line(message, limit=1_000)}", file=sys.stderr)
    except BrokenPipeError:
        return _quietly()
    return exit_codes.USAGE


def _exit_code(command: Callable[[], object]) -> int:
    try:
        command()
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else exit_codes.OK
    return exit_codes.OK


def _quietly() -> int:
    """The reader has gone away. Python flushes once more at exit, and would complain without somewhere to flush to."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return exit_codes.FAILED


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        what = f"{error.filename}: {error.strerror}" if error.filename else error.strerror
    else:
        what = f"{type(error).__name__}: {error}"
    if log.level == logging.DEBUG:
        log.addHandler(logging.StreamHandler())
    file = _log_file()
    log.error("unexpected error", exc_info=error)
    where = f"The details are in {file}." if file and file.exists() else "`mneme --debug` shows the details."
    return f"something unexpected went wrong ({what}). Nothing that was acknowledged is lost. {where}"


def _log_file() -> Path | None:
    """The log in use; before a command has opened one, the default one."""
    from tui.process.logs import LazyFile

    if not any(isinstance(handler, LazyFile) for handler in log.handlers):
        try:
            from agent.settings import load_settings

            log_to(load_settings(None, None).paths.log_file)
        except Exception:  # noqa: BLE001  settings may be what is broken; the error itself matters more than its log
            return None
    return next(handler.file for handler in log.handlers if isinstance(handler, LazyFile))
