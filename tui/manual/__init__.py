"""What ``mneme help`` shows, the manual page and the reference of commands. Other commands import none of it."""
