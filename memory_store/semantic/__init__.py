"""Semantic memory, the meaning: vectors beside the words, the index in Chroma made of them, what keeps it in step."""
