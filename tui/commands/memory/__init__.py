"""``mneme memory``: what is remembered, as a person sees, corrects and erases it."""

from __future__ import annotations

from tui.process.lazy import Entry, group

HERE = "tui.commands.memory"

COMMANDS = {
    "list": Entry(f"{HERE}.reading:list_memories", "List memories, newest first."),
    "search": Entry(f"{HERE}.searching:search", "Search everything that was ever said, by words and by meaning."),
    "show": Entry(f"{HERE}.reading:show_memory", "Show one memory with what was said around it, and its history."),
    "why": Entry(f"{HERE}.searching:why", "Say what was recalled for a reply, and why."),
    "note": Entry(f"{HERE}.changing:note", "Write down something to be remembered, outside any conversation."),
    "edit": Entry(f"{HERE}.changing:edit", "Correct a memory; its earlier wordings are kept."),
    "pin": Entry(f"{HERE}.changing:pin", "Put memories before the model always."),
    "unpin": Entry(f"{HERE}.changing:unpin", "Take pins away."),
    "forget": Entry(f"{HERE}.changing:forget", "Hide memories, until they are restored or purged."),
    "restore": Entry(f"{HERE}.changing:restore", "Bring forgotten memories back."),
    "prune": Entry(f"{HERE}.pruning:prune", "Forget many memories by age, strength, words, likeness or capacity."),
    "policy": Entry(f"{HERE}.policy:policy", "Say by which strategies memories are kept, recalled and given up."),
    "purge": Entry(f"{HERE}.erasing:purge", "Erase memories for good, and prove it."),
    "conflicts": Entry(
        f"{HERE}.contradicting:conflicts", "List memories that contradict an earlier one, and decide which holds."
    ),
    "audit": Entry(f"{HERE}.auditing:audit", "Say what was done, by what, and what was read into which prompt."),
    "stats": Entry(f"{HERE}.reading:stats", "Count what is remembered, and the bytes it takes."),
    "timeline": Entry(
        f"{HERE}.timeline:print_timeline",
        "Draw what was said when, how strong it is, and what a prune would take.",
    ),
    "export": Entry(f"{HERE}.moving:export", "Write every memory as JSON lines."),
    "import": Entry(f"{HERE}.moving:import_memories", "Bring in conversations from a file, or files as memories."),
    "migrate": Entry(f"{HERE}.migrating:migrate", "Copy the whole memory to a database server, or back to a folder."),
    "backup": Entry("tui.commands.backup.making:create", "Keep a verified copy of the whole memory in one file."),
    "restore-backup": Entry(
        "tui.commands.backup.restoring:restore", "Make the memory what it was when a backup was made."
    ),
    "check": Entry(f"{HERE}.health:check", "Say whether every copy agrees with the words, row by row."),
    "rebuild": Entry(f"{HERE}.health:rebuild", "Make the index of meaning anew from the stored words and vectors."),
    "encrypt": Entry(f"{HERE}.encrypting:encrypt", "Put the whole memory of a profile under a passphrase."),
    "decrypt": Entry(f"{HERE}.encrypting:decrypt", "Take the encryption of a profile's memory away."),
    "change-passphrase": Entry(
        f"{HERE}.encrypting:change_passphrase", "Encrypt a profile's memory anew, under another passphrase."
    ),
}

app = group(COMMANDS, "See, search, correct, prune and erase what is remembered.")
