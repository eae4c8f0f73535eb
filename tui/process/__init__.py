"""mneme as a process of a system: its start, its errors and exit codes, its log, the clipboard, other programs."""
