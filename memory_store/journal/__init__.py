"""What was done to the memory, by which command, and what takes it back. It holds ids and numbers, never words.

Every act is written in the transaction that makes the change, beside the *changes* it came to: which flag of which
turns had which value before and has which now, which wording superseded which. An undo applies the opposites and is an
act itself. The rows are append-only: triggers of the database refuse to change them, and each carries a hash over
itself and the row before, so that a change made past the triggers shows.
"""
