"""The small tasks of the papers, on the external memories of :mod:`memory_store.neural`: are they right?"""
