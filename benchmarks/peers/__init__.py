"""mneme beside its peers: mem0, MemPalace and plain Chroma, on the same data and the same vectors. docs/bench.md."""
