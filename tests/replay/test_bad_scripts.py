"""Everything that can be wrong with a script: one line that names file and line and says what to do."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.errors import ScriptError
from agent.replay.loading import load_script, load_scripts

START = "title: T\nsteps:\n"

YAML = {
    "unknown step": (START + "  - sya: Hello.\n", 3, "unknown key 'sya'; did you mean 'say'?"),
    "unknown key beside a verb": (START + "  - say: Hello.\n    lable: x\n", 4, "did you mean 'label'?"),
    "unknown key, nothing near": (
        START + "  - note: Hello.\n    xyz: x\n",
        4,
        "may stand here: at, after, note, label",
    ),
    "unknown key above the steps": ("titel: T\nsteps:\n  - say: Hello.\n", 1, "did you mean 'title'?"),
    "unknown key in expect": (START + "  - say: Hi\n    expect:\n      recals: x\n", 5, "did you mean 'recalls'?"),
    "unknown key in reply": (START + "  - say: Hi\n    expect:\n      reply: {contain: x}\n", 5, "'contains'?"),
    "reply expected of a search": (START + "  - search: Hi\n    expect: {reply: {contains: x}}\n", 4, "key 'reply'"),
    "unknown criterion": (START + "  - prune:\n      older: 3 days\n", 4, "did you mean 'older_than'?"),
    "no criterion": (START + "  - prune: {}\n", 3, "say what to prune: older_than"),
    "two verbs": (START + "  - say: Hello.\n    note: Hi.\n", 4, "'say' and 'note' in one step"),
    "no verb": (START + "  - label: x\n", 3, "belongs to a step that says or does something"),
    "an empty step": (START + "  - {}\n", 3, "an empty step"),
    "a step that is text": (START + "  - Hello.\n", 3, "a step is 'key: value'"),
    "steps that are text": ("steps: Hello.\n", 1, "'steps' must be a list"),
    "no steps": ("title: T\nsteps: []\n", 2, "'steps' must hold at least one step"),
    "steps missing": ("title: T\n", 1, "'steps' is missing"),
    "a whole script that is text": ("Hello.\n", 1, "a script is a list of steps"),
    "nothing said": (START + "  - say:\n", 3, "'say' is empty"),
    "only spaces said": (START + "  - say: '  '\n", 3, "'say': There are no words"),
    "a list said": (START + "  - say: [a, b]\n", 3, "'say': ['a', 'b'] is not text"),
    "half a character": (START + '  - say: "\\ud800"\n', 3, "'say': These words are not valid Unicode"),
    "an expectation of nothing": (START + "  - say: Hi\n    expect:\n", 4, "'expect' is empty"),
    "an expectation that is text": (START + "  - say: Hi\n    expect: x\n", 4, "'expect' must be keys and values"),
    "no to": (START + "  - say: Hi\n    label: a\n  - edit: a\n", 5, "'to' is missing"),
    "bad date": (START + "  - at: 2026-02-30\n", 3, "'at': '2026-02-30' is not a date that exists"),
    "bad start": ("start: soon\nsteps:\n  - say: Hi\n", 1, "'start': 'soon' is not a date that exists"),
    "bad length": (START + "  - say: Hi\n    after: a while\n", 4, "'after': 'a while' is not a length of time"),
    "backwards": (START + "  - at: 2026-03-01\n  - at: 2026-02-01\n", 4, "'at' goes backwards: 2026-02-01 00:00 is"),
    "before the start": (START + "  - at: 1999-01-01\n", 3, "before 2026-01-01 09:00, where the clock stands"),
    "at and after": (START + "  - {at: 2026-03-01, after: 1 day}\n", 3, "'at' and 'after' in one step"),
    "past the calendar": (START + "  - after: 9000 years\n", 3, "ends past the year 9999"),
    "label twice": (
        START + "  - say: a\n    label: x\n  - note: b\n    label: x\n",
        6,
        "label 'x' a second time (line 4 has it already)",
    ),
    "bad label": (START + "  - say: a\n    label: a b\n", 4, "'label': 'a b' is not a label"),
    "long name": (START + f"  - conversation: {'x' * 81}\n", 3, "a name is one line of at most 80"),
    "control character in a name": (START + '  - conversation: "a\\eb"\n', 3, "printable characters"),
    "unknown turn": (
        START + "  - say: a\n    label: cat\n  - forget: cats\n",
        5,
        "unknown turn 'cats'; did you mean 'cat'?",
    ),
    "unknown turn in a list": (
        START + "  - say: a\n    label: cat\n  - forget:\n      - cat\n      - dog\n",
        7,
        "unknown turn 'dog'; labels so far: cat, cat.reply",
    ),
    "no labels at all": (START + "  - say: a\n  - pin: x\n", 4, "no turn before this step has a label"),
    "later turn": (
        START + "  - search: a\n    expect:\n      recalls: x\n  - say: a\n    label: x\n",
        5,
        "unknown turn 'x'",
    ),
    "its own label": (START + "  - say: a\n    label: x\n    expect: {recalls: x}\n", 5, "unknown turn 'x'"),
    "a reply nobody gave": (
        START + "  - hear: a\n    label: x\n  - pin: x.reply\n",
        5,
        "unknown turn 'x.reply'; only a turn with 'say' has a reply",
    ),
    "a reply, nearly": (START + "  - say: a\n    label: cat\n  - pin: cats.reply\n", 5, "did you mean 'cat.reply'?"),
    "purged": (START + "  - note: a\n    label: x\n  - purge: x\n  - restore: x\n", 6, "'x' was purged on line 5"),
    "within nothing": (START + "  - search: a\n    expect: {within: 3}\n", 4, "add 'recalls'"),
    "within 0": (
        START + "  - note: a\n    label: x\n  - search: a\n    expect:\n      recalls: x\n      within: 0\n",
        8,
        "'within' must be greater than or equal to 1",
    ),
    "within many": (START + "  - search: a\n    expect: {recalls: [], within: 3}\n", 4, "'recalls': an empty list"),
    "limit in words": (START + "  - search: a\n    limit: ten\n", 4, "'limit' must be a whole number"),
    "found, perhaps": (START + "  - search: a\n    expect: {found: perhaps}\n", 4, "'found' must be yes or no"),
    "bad pattern": (START + "  - say: a\n    expect: {reply: {matches: '('}}\n", 4, "'(' is not a regular expression"),
    "share above 1": (START + "  - prune: {weaker_than: 7}\n", 3, "'weaker_than' must be less than or equal to 1"),
    "key twice": (START + "  - say: a\n    say: b\n", 4, "'say' stands here a second time"),
    "a key that is a list": (START + "  - ? [a]\n    : b\n", 3, "a key must be a word"),
    "an unquoted colon": (START + "  - say: I said: hello\n", 3, "put words that contain ': ' in quotes"),
    "a tab": (START + "\t- say: hello\n", 3, "indent with spaces"),
    "an unclosed quote": (START + "  - say: 'hello\n", 4, "not YAML"),
    "an alias": (START + "  - say: &a Hello.\n  - say: *a\n", 4, "aliases (*name) are not read"),
    "two documents": ("- say: a\n---\n- say: b\n", 2, "one file is one script"),
    "a control character": ("- say: a\n- say: \x07\n", 2, "U+0007 cannot stand in YAML"),
}

JSONL = {
    "not JSON": ('{"say": "a"}\n\n{"say": "b"\n', 3, "not JSON: "),
    "not an object": ('["say"]\n', 1, "a line is one step"),
    "key twice": ('{"say": "a", "say": "b"}\n', 1, "'say' stands here a second time"),
    "unknown key": ('{"title": "T"}\n{"say": "a", "lable": "b"}\n', 2, "did you mean 'label'?"),
    "number for words": ('{"say": 42}\n', 1, "'say': 42 is not text; put it in quotes"),
    "null": ('{"say": null}\n', 1, "'say' is empty"),
    "only a header": ('{"title": "T"}\n', 1, "'steps' must hold at least one step"),
    "header in the middle": ('{"say": "a"}\n{"title": "T"}\n', 2, "unknown key 'title'"),
    "unknown turn": ('{"say": "a"}\n{"pin": "x"}\n', 2, "unknown turn 'x'"),
    "half a character": ('{"say": "\\ud800"}\n', 1, "not valid Unicode"),
    "deep": ("[" * 100_000 + "\n", 1, "nested far deeper"),
}


def refusal(path: Path) -> ScriptError:
    with pytest.raises(ScriptError) as caught:
        load_script(path)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith(str(path))
    return caught.value


@pytest.mark.parametrize(("text", "line", "problem"), YAML.values(), ids=YAML.keys())
def test_bad_yaml(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(text, encoding="utf-8")
    error = refusal(path)
    assert problem in str(error)
    assert error.line == line
    assert f"script.yaml, line {line}: " in str(error)


@pytest.mark.parametrize(("text", "line", "problem"), JSONL.values(), ids=JSONL.keys())
def test_bad_json_lines(tmp_path: Path, text: str, line: int, problem: str) -> None:
    path = tmp_path / "script.jsonl"
    path.write_text(text, encoding="utf-8")
    error = refusal(path)
    assert problem in str(error)
    assert error.line == line


@pytest.mark.parametrize("text", ["", " \n\n", "# only a remark\n", "---\n"])
def test_an_empty_file(tmp_path: Path, text: str) -> None:
    path = tmp_path / "script.yaml"
    path.write_text(text, encoding="utf-8")
    assert "the file is empty" in str(refusal(path))


def test_not_utf8_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_bytes(b"- say: ok\n- say: caf\xe9\n")
    error = refusal(path)
    assert (error.line, error.problem) == (2, "not UTF-8; save the file as UTF-8")


def test_deep_yaml_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.yaml"
    path.write_text("[" * 20_000, encoding="utf-8")
    assert "nested far deeper" in str(refusal(path))


def test_files_that_are_none(tmp_path: Path) -> None:
    assert "there is no such file" in str(refusal(tmp_path / "nowhere.yaml"))
    assert "this is a folder" in str(refusal(tmp_path))
    (tmp_path / "script.txt").write_text("- say: Hello.", encoding="utf-8")
    assert "call it script.yaml or .jsonl" in str(refusal(tmp_path / "script.txt"))


def test_one_bad_script_of_several_is_found_before_any_is_returned(tmp_path: Path) -> None:
    (tmp_path / "good.yaml").write_text("- say: Hello.\n", encoding="utf-8")
    (tmp_path / "bad.yaml").write_text("- sya: Hello.\n", encoding="utf-8")
    with pytest.raises(ScriptError, match=r"bad\.yaml, line 1"):
        load_scripts([tmp_path / "good.yaml", tmp_path / "bad.yaml"])


SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=10))
TREES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(
            st.sampled_from(["say", "hear", "note", "at", "after", "label", "expect", "reply", "prune", "to", "x"]),
            inner,
            max_size=4,
        ),
    ),
    max_leaves=12,
)


def complaint(path: Path) -> str:
    """What is wrong with the script; empty when nothing is. Anything but a ScriptError goes through."""
    try:
        load_script(path)
    except ScriptError as error:
        return str(error)
    return ""


@given(tree=TREES)
def test_any_json_is_a_script_or_one_clear_line(tmp_path_factory: pytest.TempPathFactory, tree: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.jsonl"
    path.write_text(json.dumps(tree), encoding="utf-8")
    assert "\n" not in complaint(path)


@given(
    text=st.text(st.characters(codec="utf-8"), max_size=60) | st.text("- :\n{}[]'\"sayhernot&*#|>!%@`?,", max_size=60)
)
def test_any_text_is_a_script_or_one_clear_line(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_bytes(text.encode())
    assert "\n" not in complaint(path)
