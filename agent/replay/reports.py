"""A replay for programs: JSON, and JUnit XML for continuous integration. Nothing here depends on wall time."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Any
from xml.etree import ElementTree as ET

from agent.replay.events import Checked, Run, WentWrong

_NOT_XML = re.compile("[^\t\n\r\x20-\x7e\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def run_json(run: Run) -> dict[str, Any]:
    """One run. ``events``: each with ``event`` (its kind), ``step``, ``line``, ``at`` and what its kind adds."""
    return {
        "script": run.source,
        "title": run.title,
        "model": run.model,
        "memory": run.memory,
        "seed": run.seed,
        "ok": run.ok,
        "expectations": len(run.checks),
        "failed": len(run.failures),
        "events": [{"event": event.event, **asdict(event)} for event in run.events],
    }


def failure_lines(runs: Iterable[Run]) -> list[str]:
    """One line for each expectation that does not hold: script, line, expectation, what was seen."""
    return [f"{run.source}, line {event.line}: {describe(event)}" for run in runs for event in run.failures]


def describe(event: Checked | WentWrong) -> str:
    """What went wrong, in one line."""
    if isinstance(event, WentWrong):
        return f"step {event.step} could not be done: {event.message}"
    return f"{event.expectation}: {event.detail}" if event.detail else event.expectation


def junit(runs: Sequence[Run]) -> str:
    """A JUnit report: a suite for each run, a case for each expectation."""
    root = ET.Element("testsuites", name="mneme replay")
    for run in runs:
        _suite(root, run)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def _suite(root: ET.Element, run: Run) -> None:
    name = run.source if run.memory else f"{run.source} (without memory)"
    suite = ET.SubElement(root, "testsuite", name=_xml(name))
    for event in run.events:
        if isinstance(event, Checked | WentWrong):
            _case(suite, run, event)
    if not len(suite):
        ET.SubElement(suite, "testcase", classname=_xml(name), name="runs to its end")
    broken = sum(not check.holds for check in run.checks)
    counts = {"tests": len(suite), "failures": broken, "errors": len(run.failures) - broken}
    suite.attrib.update({key: str(count) for key, count in counts.items()})


def _case(suite: ET.Element, run: Run, event: Checked | WentWrong) -> None:
    said = event.expectation if isinstance(event, Checked) else f"step {event.step}"
    case = ET.SubElement(suite, "testcase", classname=suite.attrib["name"], name=_xml(f"line {event.line}: {said}"))
    case.attrib.update(file=_xml(run.source), line=str(event.line))
    if isinstance(event, WentWrong):
        ET.SubElement(case, "error", message=_xml(event.message))
    elif not event.holds:
        ET.SubElement(case, "failure", message=_xml(event.detail)).text = _xml(describe(event))


def _xml(text: str) -> str:
    """XML 1.0 cannot hold most control characters, not even as references."""
    return _NOT_XML.sub("\ufffd", text)
