"""The parts of the one door, :class:`memory_store.store.MemoryStore`: each a mixin with the acts of one purpose."""
