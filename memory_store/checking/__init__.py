"""Whether every copy agrees with the words, row by row, and how it is mended where it does not."""
