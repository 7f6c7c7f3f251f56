"""When Python looks for objects that refer to each other in circles."""

import gc
from contextlib import contextmanager
from typing import Iterator


@contextmanager
def no_collection() -> Iterator[None]:
    """Do not look meanwhile, as a decorator or in a block.

    Of a long list millions of objects are made that all stay. Python looks
    through all of them again and again while they are, which takes as long as
    to make them, and again whenever MMEngine has read a list.
    """
    looks = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        gc.freeze()
        if looks:
            gc.enable()
