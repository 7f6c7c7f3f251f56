"""Faults of what a user gives, gathered, so that all are told at once."""

from contextlib import contextmanager
from typing import Iterator, List


class Faults(ValueError):
    """What is wrong with configs, lists, files or weights.

    Args:
        faults (str): One text each: what, value, remedy.
    """

    def __init__(self, *faults: str) -> None:
        super().__init__('\n'.join(dict.fromkeys(faults)))
        self.faults: List[str] = list(dict.fromkeys(faults))


class Stopped(SystemExit):
    """The end of a process that a signal has asked for, in order."""


@contextmanager
def gathered(faults: List[str]) -> Iterator[None]:
    """Append what is raised inside, and go on behind the block."""
    try:
        yield
    except Faults as error:
        faults.extend(error.faults)
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        faults.append(str(error))


def one_line(error: Exception) -> str:
    """What an error says first; of errors of others, their kind as well."""
    text = str(error).strip().partition('\n')[0]
    known = isinstance(error, (ValueError, OSError)) and text
    return text if known else f'{type(error).__name__}: {text}'
