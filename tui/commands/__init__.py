"""One module a command group. tui/cli.py says how to add one."""
