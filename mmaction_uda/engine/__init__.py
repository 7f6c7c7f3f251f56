from .extraction import Extractor
from .hooks import StrictLoadHook
from .loops import UDATrainLoop
from .prepare import prepare
from .schedulers import InverseDecayLR, ShiftedCosineLR
from .source_statistics import SourceStatisticsHook
from .stages import is_finished, open_stages, train

__all__ = [
    'Extractor',
    'SourceStatisticsHook',
    'StrictLoadHook',
    'UDATrainLoop',
    'prepare',
    'InverseDecayLR',
    'ShiftedCosineLR',
    'is_finished',
    'open_stages',
    'train',
]
