"""Settings changed in a file that somebody wrote by hand: what they wrote stays."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import SettingsError
from agent.settings_editing import Change, edited, set_values
from agent.settings_files import default_toml

BY_HAND = """\
# Mine. Do not touch.
profile = "work"   # for now

[model]   # which one
name   =   'old # name'  # the small one, "quoted"
stop = [
  "###",   # ends here
]
# seed = 7

[ recall ]
limit = 3
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    place = tmp_path / "config.toml"
    place.write_bytes(BY_HAND.encode())
    return place


def changed_lines(before: str, after: str) -> list[tuple[str, str]]:
    """Lines taken out and put in."""
    old, new = before.splitlines(), after.splitlines()
    return [("-", line) for line in old if line not in new] + [("+", line) for line in new if line not in old]


def test_one_line_changes_and_its_comment_stays(file: Path) -> None:
    assert set_values(file, {"model.name": "new"}) == [Change("model.name", "old # name", "new")]
    assert changed_lines(BY_HAND, file.read_text()) == [
        ("-", "name   =   'old # name'  # the small one, \"quoted\""),
        ("+", 'name = "new"  # the small one, "quoted"'),
    ]


@pytest.mark.parametrize(
    ("key", "value", "after"),
    [
        ("model.seed", 8, "# seed = 7"),
        ("model.device", "cpu", "]"),
        ("recall.embedder", "default", "limit = 3"),
        ("chat.theme", "dark", "[chat]"),
    ],
)
def test_a_new_setting_stands_behind_its_example_or_the_last_of_its_section(
    file: Path, key: str, value: str | int, after: str
) -> None:
    set_values(file, {key: value})
    lines = file.read_text().splitlines()
    name = key.partition(".")[2]
    [number] = [n for n, line in enumerate(lines) if line.startswith(f"{name} = ")]
    assert lines[number - 1] == after
    assert not [line for mark, line in changed_lines(BY_HAND, file.read_text()) if mark == "-"]


def test_a_value_over_several_lines_is_replaced_or_taken_out_whole(file: Path) -> None:
    set_values(file, {"model.stop": None, "recall.limit": None, "chat.theme": None})
    assert tomllib.loads(file.read_text()) == {"profile": "work", "model": {"name": "old # name"}, "recall": {}}
    assert "ends here" not in file.read_text()


def test_what_already_says_so_is_not_written_again(file: Path) -> None:
    before = file.stat()
    assert set_values(file, {"model.name": "old # name", "model.seed": None}) == []
    assert (file.stat().st_ino, file.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_a_missing_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "config.toml"
    set_values(file, {"model.name": "樱花 \\ \"x\" '''"})
    assert tomllib.loads(file.read_text("utf-8")) == {"model": {"name": "樱花 \\ \"x\" '''"}}
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


def test_a_link_stays_a_link_and_the_mode_stays(file: Path, tmp_path: Path) -> None:
    file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(file)
    set_values(link, {"model.name": "new"})
    assert link.is_symlink()
    assert tomllib.loads(file.read_text())["model"]["name"] == "new"
    assert file.stat().st_mode & 0o777 == 0o640
    assert sorted(path.name for path in tmp_path.iterdir()) == ["config.toml", "link.toml"]


def test_windows_line_ends_and_a_missing_last_one_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_bytes(b'[model]\r\nname = "a"\r\n\r\n[recall]\r\nlimit = 3')
    set_values(file, {"model.name": "b", "recall.embedder": "c"})
    assert file.read_bytes() == b'[model]\r\nname = "b"\r\n\r\n[recall]\r\nlimit = 3\r\nembedder = "c"\r\n'


@pytest.mark.parametrize(
    "text",
    [
        'model = { name = "a" }\n',
        'model.name = "a"\n',
        '[chat]\nsystem = """\n[model]\nname = "not this"\n"""\n["model"]\n"name" = "a"\n',
    ],
)
def test_what_cannot_be_changed_safely_is_left_and_the_line_is_told(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config.toml"
    file.write_text(text)
    with pytest.raises(SettingsError, match=r'Write name = "b" under \[model\] yourself'):
        set_values(file, {"model.name": "b"})
    assert file.read_text() == text


def test_a_file_that_is_no_toml_or_may_not_be_written_is_refused(file: Path, tmp_path: Path) -> None:
    (tmp_path / "broken.toml").write_text("[model\n")
    with pytest.raises(SettingsError, match="not valid TOML"):
        set_values(tmp_path / "broken.toml", {"model.name": "b"})
    with pytest.raises(SettingsError, match="UTF-8"):
        set_values(file, {"model.name": os.fsdecode(b"\xff")})
    assert file.read_text() == BY_HAND


def test_the_template_keeps_all_its_explanations(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text(default_toml(), "utf-8")
    set_values(file, {"model.name": "a", "recall.limit": 4, "model.seed": 1})
    data = {section: values for section, values in tomllib.loads(file.read_text("utf-8")).items() if values}
    assert data == {"model": {"name": "a", "seed": 1}, "recall": {"limit": 4}}
    assert [line for line in file.read_text("utf-8").splitlines() if not line or line[0] in "#["] == [
        line for line in default_toml().splitlines() if not line or line[0] in "#["
    ]


@settings(max_examples=40)
@given(value=st.text(st.characters(exclude_categories=["Cs"])), theme=st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_back_or_refused(value: str, theme: str) -> None:
    once = edited(BY_HAND, "chat.theme", theme)
    try:
        twice = tomllib.loads(edited(once, "chat.theme", value))
    except tomllib.TOMLDecodeError:
        assert "\x7f" in value + theme
    else:
        assert twice["chat"]["theme"] == value
