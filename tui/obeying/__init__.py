"""The commands of the chat, obeyed: one file for each group of the table."""
