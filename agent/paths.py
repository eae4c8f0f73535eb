"""Where everything lies: one folder when ``--home`` or ``MNEME_HOME`` names it, else the places XDG gives."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from agent.errors import SettingsError
from memory_store.database import location

HOME_VARIABLE = "MNEME_HOME"
PROFILE_NAME = re.compile(r"\w[\w.-]{0,63}")


@dataclass(frozen=True, slots=True)
class Paths:
    """The files and folders of one profile. Nothing is created until :meth:`create`."""

    config_file: Path
    profile_dir: Path
    """The memory itself; pass it to ``MemoryStore.open``."""
    log_file: Path
    state_dir: Path
    """What may be lost without harm: prompt history, the last conversation."""

    @classmethod
    def of(cls, home: Path | None, profile: str) -> Paths:
        """The paths below ``home``, or (None) where XDG puts configuration, data, state and logs."""
        if not PROFILE_NAME.fullmatch(profile):
            raise SettingsError(
                f'"{printable(profile)}" cannot name a profile: use letters, digits, "-", "_" and ".", at most 64, '
                'not beginning with "." or "-".'
            )
        if home is not None:
            root = home.expanduser().absolute()
            return cls(root / "config.toml", root / "profiles" / profile, root / "logs" / "mneme.log", root / "state")
        from platformdirs import PlatformDirs

        dirs = PlatformDirs("mneme", appauthor=False)
        return cls(
            dirs.user_config_path / "config.toml",
            dirs.user_data_path / "profiles" / profile,
            dirs.user_log_path / "mneme.log",
            dirs.user_state_path,
        )

    @property
    def profile_config(self) -> Path:
        """Settings of this profile alone; they win over those of ``config_file``."""
        return self.profile_dir / "config.toml"

    @property
    def profiles_dir(self) -> Path:
        return self.profile_dir.parent

    def profiles(self) -> list[str]:
        """Every profile that has a folder with something in it here, by name."""
        try:
            folders = [folder for folder in self.profiles_dir.iterdir() if folder.is_dir()]
            found = sorted(folder.name for folder in folders if any(folder.iterdir()))
        except OSError:
            return []
        return [name for name in found if PROFILE_NAME.fullmatch(name)]

    def create(self) -> None:
        """Make every folder that is missing, readable by its owner alone. Raises SettingsError."""
        for folder in (self.config_file.parent, self.profile_dir, self.log_file.parent, self.state_dir):
            make_private(folder)


def make_private(folder: Path) -> None:
    """``mkdir -p`` with mode 0700 for every folder it creates. Existing folders keep their mode."""
    try:
        location.make_private(folder)
    except OSError as error:
        raise SettingsError(
            f"Cannot create the folder {folder}: {error.strerror}. Choose another with --home or {HOME_VARIABLE}."
        ) from error


def chosen_home(home: Path | None) -> Path | None:
    """The flag's folder, else the one ``MNEME_HOME`` names, else None (XDG)."""
    if home is not None:
        return home
    named = os.environ.get(HOME_VARIABLE, "")
    return Path(named) if named else None


def printable(text: str) -> str:
    """``text`` for an error message: no control characters, not endless."""
    return "".join(c if c.isprintable() else "?" for c in text[:400])
