"""Learning for the owner of a memory: gather labels, try a head on what it was not trained on, adopt it or not."""
