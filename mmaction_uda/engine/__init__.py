from .extraction import Extractor
from .hooks import StrictLoadHook
from .loops import UDATrainLoop
from .prepare import prepare
from .schedulers import ShiftedCosineLR

__all__ = [
    'Extractor',
    'StrictLoadHook',
    'UDATrainLoop',
    'prepare',
    'ShiftedCosineLR',
]
