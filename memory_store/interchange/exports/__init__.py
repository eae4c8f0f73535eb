"""What other programs hand out of the conversations people had with them, one reader each.

Unlike mneme's own format, these were not written to be read here: what cannot be read is reported by its position and
left out, and the rest is brought in.
"""
