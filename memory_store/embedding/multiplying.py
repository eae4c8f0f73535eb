"""How NumPy multiplies here: on one thread of OpenBLAS.

A recall multiplies in one thread while the indexer embeds in another. OpenBLAS, which NumPy's wheels bring, has had
races between such calls in many versions (numpy issues 11046, 29391, 31618), and what comes of them is no error but
other numbers, which would be kept as vectors. Nor does a second thread gain much: the matrices of one short text are
small, and on a busy machine OpenBLAS's threads spin while they wait for each other (three threads that embed at once,
two cores with a dozen processes: 13 texts a second, and 3 or less without this). Where there is much to embed, torch
does it, whose threads are its own.
"""

from __future__ import annotations

from functools import cache


@cache
def on_one_thread() -> None:
    """Give OpenBLAS one thread in this process, from now on. Done once, in some milliseconds.

    A program that wants more for sums of its own can say so to threadpoolctl around them.
    """
    import numpy  # noqa: F401 - what is not loaded cannot be told
    from threadpoolctl import ThreadpoolController

    ThreadpoolController().select(internal_api="openblas").limit(limits=1)
