"""What of MMEngine's log is for the terminal; its files keep all of it."""

import functools
import logging
import os.path as osp
import re
import warnings

from mmengine.logging import MMLogger

PACKAGE = osp.dirname(osp.abspath(__file__)) + osp.sep
# Warnings of the hosts that ask nothing of who reads them: on functions that
# the hosts themselves call; weights that a config freezes on purpose; names
# that are found all the same; what a launcher's processes are set to.
HARMLESS = re.compile(
    'will be deprecated in future'
    '|`broadcast_buffers` is deprecated'
    '|is skipped since its requires_grad=False'
    '|Failed to search registry'
    '|The prefix is not set in metric class'
    '|Multi-processing start method `fork` is different'
    '|Setting [A-Z]+_NUM_THREADS environment variable'
)


def matters(record: logging.LogRecord) -> bool:
    """Warnings, and whatever this package says."""
    if record.levelno >= logging.WARNING:
        return not HARMLESS.search(record.getMessage())
    return record.pathname.startswith(PACKAGE)


class _Plain(logging.Formatter):
    """The message alone; warnings are called so."""

    def format(self, record: logging.LogRecord) -> str:
        text = record.getMessage()
        if record.levelno < logging.WARNING:
            return text
        return f'{record.levelname.lower()}: {text}'


@functools.cache
def quiet() -> None:
    """Let the loggers of MMEngine print what matters, from now on.

    For tools: in a program of their own others decide what is printed.
    """
    init = MMLogger.__init__

    @functools.wraps(init)
    def init_plain(self, *args, **kwargs) -> None:
        init(self, *args, **kwargs)
        _make_plain(self)

    MMLogger.__init__ = init_plain
    warnings.filterwarnings('ignore', f'.*({HARMLESS.pattern})')
    _make_plain(MMLogger.get_current_instance())


def _make_plain(logger: MMLogger) -> None:
    terminal = logger.handlers[0]
    terminal.addFilter(matters)
    terminal.setFormatter(_Plain())
