"""MMEngine without what it imports for a single class."""

import importlib
import sys
from importlib.util import find_spec
from types import ModuleType


def adafactor(*args, **kwargs):
    """The optimizer ``Adafactor`` of transformers."""
    from transformers import Adafactor

    return Adafactor(*args, **kwargs)


def import_optimizers() -> None:
    """Spare every start the second that transformers takes, if installed.

    ``mmengine/optim/optimizer/builder.py`` imports it for one optimizer,
    which a stand-in looks up when it is built. No upstream issue known.
    """
    name = 'transformers'
    if name in sys.modules or find_spec(name) is None:
        return
    stand_in = ModuleType(name)
    stand_in.Adafactor = adafactor  # type: ignore[attr-defined]
    sys.modules[name] = stand_in
    try:
        importlib.import_module('mmengine.optim')
    finally:
        del sys.modules[name]
