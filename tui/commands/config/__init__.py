"""``mneme config``: the settings in force, and changing them."""

from __future__ import annotations

from tui.process.lazy import Entry, group

HERE = "tui.commands.config"

COMMANDS = {
    "show": Entry(f"{HERE}.showing:show_settings", "Print every setting, its value, and where that comes from."),
    "set": Entry(f"{HERE}.changing:set_setting", "Set something, from now on."),
    "unset": Entry(f"{HERE}.changing:unset", "Go back to the default of something that was set."),
    "path": Entry(f"{HERE}.showing:path", "Print where the configuration file is, or would be."),
    "profiles": Entry(f"{HERE}.profiles:list_profiles", "List the profiles that are here."),
    "keys": Entry(f"{HERE}.showing:list_keys", "Print what the app's keys do, and the names to change them by."),
}

app = group(COMMANDS, "The settings in force, and where they come from.")
