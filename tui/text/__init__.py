"""Words on their way to a screen, a pipe or a file: made safe, put into words, laid out."""
