"""Flags over environment over file over defaults, and errors that name the place."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from agent.errors import SettingsError
from agent.paths import Paths
from agent.settings import Settings, load_settings
from agent.settings_files import default_toml, is_secret, known_fields


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("MNEME_")]:
        monkeypatch.delenv(name)


def write(home: Path, text: str | bytes) -> Path:
    file = home / "config.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return file


def test_a_flag_wins_over_the_environment_over_the_file_over_the_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, '[model]\nname = "file"\ntop_p = 0.5\nseed = 1\n[recall]\nlimit = 3\n')
    monkeypatch.setenv("MNEME_MODEL__NAME", "environment")
    monkeypatch.setenv("MNEME_MODEL__TOP_P", "0.6")
    settings = load_settings(tmp_path, model__name="flag", model__seed=None)
    assert (settings.model.name, settings.model.top_p, settings.model.seed) == ("flag", 0.6, 1)
    origins = {key: origin for key, _, origin in settings.rows()}
    assert origins["model.name"] == "flag"
    assert origins["model.top_p"] == "environment"
    assert origins["model.seed"] == origins["recall.limit"] == "file"
    assert origins["model.device"] == "default"
    assert list(origins) == [key for key in known_fields() if key != "keys"]


def test_lists_in_the_environment_are_separated_like_a_path(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("MNEME_MODEL__FOLDERS", os.pathsep.join(["/a", "/b c"]))
    monkeypatch.setenv("MNEME_PROFILE", "work")
    monkeypatch.setenv("MNEME_CHAT__THEME", "")
    settings = load_settings(tmp_path)
    assert settings.model.folders == (Path("/a"), Path("/b c"))
    assert settings.profile == "work"
    assert settings.chat.theme == "auto", "an empty variable sets nothing"


def test_home_puts_everything_in_one_private_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "deep" / "home"
    monkeypatch.setenv("MNEME_HOME", str(home))
    paths = load_settings(profile="work").paths
    assert paths.config_file == home / "config.toml"
    assert paths.profile_dir == home / "profiles" / "work"
    assert paths.log_file.parent == home / "logs"
    assert not home.exists(), "reading settings creates nothing"
    paths.create()
    made = [home.parent, home, paths.profile_dir, paths.log_file.parent, paths.state_dir]
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in made} == {0o700}
    assert load_settings(tmp_path / "flag").paths.config_file == tmp_path / "flag" / "config.toml"


def test_without_a_home_the_places_are_those_of_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONFIG", "DATA", "STATE", "CACHE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(tmp_path / name))
    paths = load_settings().paths
    assert paths.config_file == tmp_path / "CONFIG" / "mneme" / "config.toml"
    assert paths.profile_dir == tmp_path / "DATA" / "mneme" / "profiles" / "default"
    assert paths.log_file.is_relative_to(tmp_path / "STATE" / "mneme")


@pytest.mark.parametrize("name", ["../x", "a/b", "..", ".hidden", "", "a\\b", "a\n", "a" * 65, "-x", "\x00"])
def test_names_that_cannot_be_a_folder_of_profiles(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot name a profile"):
        load_settings(tmp_path, name)
    with pytest.raises(SettingsError):
        Paths.of(None, name)


def test_a_folder_that_cannot_be_made_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingsError, match=r"Cannot create the folder .*--home"):
        load_settings(tmp_path / "file" / "home").paths.create()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[model]\nnaem = 1\n", 'there is no setting "model.naem". Did you mean "model.name"?'),
        ("[modle]\nname = 'x'\n", 'there is no setting "modle.name". Did you mean "model.name"?'),
        ("zzz = 1\n", 'there is no setting "zzz". `mneme config show` lists them all.'),
        ("model = 'x'\n", '"model" is a section, not a setting'),
        ("[model]\ntemperature = 'hot'\n", 'model.temperature = "hot" cannot be used'),
        ("[model]\ntemperature = -1\n", "model.temperature = -1 cannot be used: it should be greater than or equal"),
        ("[model]\ndevice = 'tpu'\n", 'model.device = "tpu" cannot be used'),
        ("[model]\nstop = ['ok', 3]\n", "model.stop = 3 cannot be used"),
        ("[model\n", "is not valid TOML"),
        (b"\xff\xfe", "is not UTF-8"),
    ],
)
def test_a_bad_file_is_one_line_with_its_name_and_key(text: str | bytes, said: str, tmp_path: Path) -> None:
    file = write(tmp_path, text)
    with pytest.raises(SettingsError) as caught:
        load_settings(tmp_path)
    assert str(caught.value).startswith(str(file))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_configuration_that_is_a_folder(tmp_path: Path) -> None:
    (tmp_path / "config.toml").mkdir()
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings(tmp_path)


def test_a_bad_variable_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MNEME_LOG", "is somebody else's business")
    load_settings(tmp_path)
    monkeypatch.setenv("MNEME_MODEL__SEEED", "1")
    with pytest.raises(SettingsError, match=r'MNEME_MODEL__SEEED.*Did you mean "model\.seed"'):
        load_settings(tmp_path)
    monkeypatch.delenv("MNEME_MODEL__SEEED")
    monkeypatch.setenv("MNEME_MODEL__SEED", "soon")
    with pytest.raises(SettingsError, match=r'the environment: model\.seed = "soon"'):
        load_settings(tmp_path)
    monkeypatch.delenv("MNEME_MODEL__SEED")
    for broken in ("a", '["a"'):
        monkeypatch.setenv("MNEME_MODEL__STOP", broken)
        with pytest.raises(SettingsError, match=r"the environment: model\.stop = .* valid tuple"):
            load_settings(tmp_path)
    monkeypatch.setenv("MNEME_MODEL__STOP", '["a", "b"]')
    assert load_settings(tmp_path).model.stop == ("a", "b")


def test_the_default_file_is_valid_changes_nothing_and_explains_every_setting(tmp_path: Path) -> None:
    write(tmp_path, default_toml())
    assert load_settings(tmp_path).model_dump() == Settings().model_dump()
    lines = default_toml().splitlines()
    uncommented = [line.removeprefix("# ") if " = " in line and not line.endswith(".") else line for line in lines]
    values = tomllib.loads("\n".join(uncommented))
    named = {key if not isinstance(part, dict) else f"{key}.{name}" for key, part in values.items() for name in part}
    secrets = {key for key, field in known_fields().items() if is_secret(field)}
    assert secrets == {"model.api_key"}
    named = {"keys" if name.startswith("keys.") else name for name in named}
    assert set(known_fields()) - secrets == {name for name in named if not name.startswith("profile.")} | {"profile"}
    write(tmp_path, "\n".join(uncommented))
    changed = load_settings(tmp_path)
    without_examples = {"model": Settings().model, "recall": changed.recall.model_copy(update={"reranker": None})}
    without_examples |= {"keys": {}, "retention": Settings().retention}
    without_examples |= {"store": Settings().store, "chroma": Settings().chroma}
    assert changed.model_copy(update=without_examples).model_dump() == Settings().model_dump()


def test_the_library_for_the_environment_is_loaded_when_that_sets_something() -> None:
    code = (
        "import os, sys; from agent.settings import load_settings; os.environ['MNEME_HOME'] = 'nowhere';"
        "load_settings(); print('pydantic_settings' in sys.modules); os.environ['MNEME_PROFILE'] = 'work';"
        "load_settings(); print('pydantic_settings' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_the_prompt_and_memory_only_load_no_settings_library() -> None:
    code = (
        "import sys, agent.prompt, agent.models.memory_only, agent.models.loading, agent.models.catalogue;"
        "print({'pydantic', 'torch', 'transformers', 'chromadb', 'huggingface_hub'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_keys_are_the_app_s_own_names_and_come_from_every_layer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path, '[keys]\n"memory.pin" = "P"\nmemory.forget = "x"\ntimeline = "f6,ctrl+b"\n')
    monkeypatch.setenv("MNEME_KEYS__TIMELINE", "f9")
    settings = load_settings(tmp_path)
    assert settings.keys == {"memory.pin": "P", "memory.forget": "x", "timeline": "f9"}
    assert ("keys.timeline", "f9", "environment") in settings.rows()
    write(tmp_path, '[keys]\n"memory.pin" = 3\n')
    with pytest.raises(SettingsError, match=r"keys\.memory\.pin = 3 cannot be used"):
        load_settings(tmp_path)


def test_a_password_in_a_url_is_shown_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, '[store]\nurl = "postgresql://me:hunter2@host/d"\n')
    settings = load_settings(tmp_path)
    assert settings.store.url is not None
    assert settings.store.url.get_secret_value() == "postgresql://me:hunter2@host/d"
    told = {key: value for key, value, _ in settings.rows()}
    assert told["store.url"] == "postgresql://me:***@host/d"
    assert "hunter2" not in f"{settings!r} {settings} {settings.model_dump_json()}"
    for url in ("mysql://me:hunter2@host/d", "me:hunter2@host/d", "postgresql:me:hunter2"):
        monkeypatch.setenv("MNEME_STORE__URL", url)
        with pytest.raises(SettingsError, match=r"the environment: store\.url") as raised:
            load_settings(tmp_path)
        assert "hunter2" not in str(raised.value)
