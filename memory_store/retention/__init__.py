"""What is worth keeping: how strong a memory is, how much it was used, and which give way first. Pure functions."""
