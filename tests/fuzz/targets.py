"""What takes in words and files of others: each must take anything, or refuse it in a line of its own making.

A target is a function of bytes. It returns; whatever it raises is a finding. Hypothesis drives them in the suite for a
fixed number of examples, atheris for as long as it is given (``make fuzz SECONDS=60``).
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from memory_store.errors import MnemeError

NOW = datetime(2026, 11, 25, 9, 0, tzinfo=UTC)
Target = Callable[[bytes], None]
MEMORY = Path("/dev/shm") if os.access("/dev/shm", os.W_OK) else None
PLACE = Path(tempfile.mkdtemp(prefix="mneme-fuzz-", dir=MEMORY))


def _file(name: str, data: bytes) -> Path:
    file = PLACE / name
    file.write_bytes(data)
    return file


def _refused_in_a_line(error: MnemeError) -> None:
    said = str(error)
    assert said, "an error that says nothing"
    assert "\n" not in said, f"more than a line: {said!r}"
    assert len(said) < 3_000, f"an endless line: {said[:200]!r}"


def importing(format: str | None, name: str) -> Target:
    def target(data: bytes) -> None:
        from memory_store.interchange.detecting import choose
        from memory_store.interchange.source import opened

        try:
            with opened(_file(name, data)) as source:
                _, reader = choose(source, format)
                for _ in reader(source):
                    pass
        except MnemeError as error:
            _refused_in_a_line(error)

    return target


def script(name: str) -> Target:
    def target(data: bytes) -> None:
        from agent.replay.loading import load_script

        try:
            load_script(_file(name, data))
        except MnemeError as error:
            _refused_in_a_line(error)

    return target


def settings(data: bytes) -> None:
    from agent.settings import load_settings

    _file("config.toml", data)
    try:
        load_settings(PLACE, None)
    except MnemeError as error:
        _refused_in_a_line(error)


def settings_editing(data: bytes) -> None:
    """A file that can be read is changed in one setting, and is the same in all others."""
    from agent.settings_editing import set_values
    from agent.settings_files import read_file

    file = _file("edited.toml", data)
    try:
        before = read_file(file)
        set_values(file, {"model.name": "other"})
    except MnemeError as error:
        _refused_in_a_line(error)
        return
    after = read_file(file)
    assert after["model"].pop("name") == "other"
    if isinstance(before.get("model"), dict):
        before["model"].pop("name", None)
    after.setdefault("model", {})
    before.setdefault("model", {})
    assert repr(after) == repr(before)  # a number that is none equals nothing, not even itself


def _text(data: bytes) -> str:
    """Text of any kind; where the first byte is an "s", of any code points, lone surrogates too."""
    if data[:1] != b"s":
        return data.decode("utf-8", "replace")
    return data.decode("utf-16-le" if len(data) % 2 == 0 else "latin-1", "surrogatepass")


def times(data: bytes) -> None:
    from memory_store.language.when import events, intervals

    for start, end in ((one[0], one[1]) for one in intervals(_text(data), NOW)):
        assert start <= end
    events(_text(data), NOW)


def query(data: bytes) -> None:
    from memory_store.language.query import named_speakers, read, wanted_speakers

    words, _, context = _text(data).partition("\0")
    found = read(words, context)
    wanted_speakers(found, {1: "user", 2: "assistant", 3: "Ana", 4: words[:20] or "x"})
    named_speakers(words, {1: "Ana", 2: context[:20] or "x"})


def prompt(data: bytes) -> None:
    """Whatever was said, it fits or is refused, and the words of memories stay in their places."""
    from agent.errors import ModelError
    from agent.models.base import Sampling
    from agent.prompt import assemble, room
    from tests.agent.making import NOON, Counting, recalled, turn

    if not data:
        return
    first, *rest = _text(data[1:]).split("\0")
    model, sampling = Counting(64 + 8 * data[0]), Sampling(max_new_tokens=40)
    history = [turn(number, words, conversation="now") for number, words in enumerate(rest[1::2])]
    memories = recalled(*(turn(100 + number, words, day=3) for number, words in enumerate(rest[::2])))
    try:
        parts: dict[str, Any] = {"history": history, "recollections": memories, "pinned": [], "system": "Be kind."}
        made = assemble(first, now=NOON, model=model, sampling=sampling, **parts)
    except ModelError as error:
        _refused_in_a_line(error)
        return
    assert model.count_prompt(made.prompt.messages) <= room(model, sampling)


def commands(data: bytes) -> None:
    from tui.slash.parsing import begun, parsed

    begun(_text(data))
    try:
        parsed(_text(data))
    except MnemeError as error:
        _refused_in_a_line(error)


def screen(data: bytes) -> None:
    """Nothing that a terminal would obey is left of anything."""
    from tui.text.sanitise import clean, one_line
    from tui.text.show import UNPRINTABLE

    for shown in (clean(_text(data)), one_line(_text(data))):
        assert not UNPRINTABLE.search(shown)


def secrets(data: bytes) -> None:
    from memory_store.language.secrets import find, redacted

    text = _text(data)
    found = find(text)
    assert all(0 <= one.start < one.end <= len(text) for one in found)
    redacted(text, found)


TARGETS: dict[str, Target] = {
    "import-any": importing(None, "any.json"),
    "import-jsonl": importing("jsonl", "log.jsonl"),
    "import-locomo": importing("locomo", "talk.json"),
    "import-messages": importing("openai-messages", "messages.json"),
    "import-chatgpt": importing("chatgpt", "chatgpt.json"),
    "import-whatsapp": importing("whatsapp", "chat.txt"),
    "script-yaml": script("script.yaml"),
    "script-jsonl": script("script.jsonl"),
    "settings": settings,
    "settings-editing": settings_editing,
    "times": times,
    "query": query,
    "prompt": prompt,
    "commands": commands,
    "screen": screen,
    "secrets": secrets,
}

SEEDS: dict[str, tuple[bytes, ...]] = {
    "import": (
        b'{"format": "mneme", "version": 1}\n{"type": "conversation", "id": "c", "title": "T", "created_at": '
        b'"2026-01-01T00:00:00Z"}\n{"type": "turn", "id": "a", "conversation": "c", "speaker": "user", "text": "hi", '
        b'"said_at": "2026-01-01T00:00:00Z", "revisions": [{"revision": 0, "text": "x", "superseded_at": "2026"}]}',
        b'[{"role": "user", "content": "hello"}, {"role": "assistant", "content": [{"type": "text", "text": "hi"}]}]',
        b'{"messages": [{"role": "user", "content": "x", "timestamp": 1700000000}], "id": "1"}',
        b'[{"sample_id": "s", "conversation": {"speaker_a": "A", "speaker_b": "B", "session_1_date_time": '
        b'"1:56 pm on 8 May, 2023", "session_1": [{"speaker": "A", "dia_id": "D1:1", "text": "Hey"}]}}]',
        b'[{"title": "t", "create_time": 1.5, "mapping": {"a": {"id": "a", "message": {"author": {"role": "user"}, '
        b'"content": {"content_type": "text", "parts": ["x"]}}, "parent": null, "children": []}}, '
        b'"current_node": "a"}]',
        b"01/02/2024, 10:11 - Ana: hello\n01/02/2024, 10:12 - Ben: hi\n",
    ),
    "script": (
        b"title: T\nstart: 2026-01-01 10:00\nturns:\n  - user: hi\n    expect:\n      recalled: [cat]\n"
        b"  - wait: 3 days\n",
        b'{"title": "T"}\n{"user": "hello"}\n{"wait": "1 week"}\n',
    ),
    "settings": (
        b'profile = "x"\n[model]\nname = "a" # c\nstop = ["x",\n "y"]\n[recall]\nlimit = 3\n[keys]\nlog = "f6"\n',
        b'model.name = "a"\n"model".top_p = nan\n[chat]\nsystem = """\na\n"""\n',
    ),
    "times": (
        "three weeks ago, last spring, since 2024-02-30, before March, 上周三, 二〇二三年五月, on the 31st".encode(),
        b"between 99999 BC and year 0, in 10**9 days, 0 days ago, -1 weeks ago, the 32nd of Foo",
    ),
    "": (
        b"What did Ana say about [2] /pin 3 \x1b[31m",
        "猫叫什么名字？\0再说一次".encode(),
        b"/remember x\n/forget latest",
    ),
}


def seeds_of(name: str) -> tuple[bytes, ...]:
    return next(seeds for beginning, seeds in SEEDS.items() if name.startswith(beginning))
