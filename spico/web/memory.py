"""How a process that serves pages looks after its memory."""

import gc

# Objects made between two looks at the youngest: Python's 700 are a fortieth of what one page makes.
YOUNGEST, YOUNG, OLD = 50_000, 20, 100


def settle() -> None:
    """Once all is loaded: what is there stays there, and is not walked through again each time that the collector looks
    for what nobody holds any more. It took a page in twenty about 10 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNGEST, YOUNG, OLD)
