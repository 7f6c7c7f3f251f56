from .alarms import AlarmHook
from .by_class import KeptPredictionsHook, by_class, by_class_lines
from .extraction import Extractor
from .hooks import (
    DeferredInfoHook,
    PredictionsHook,
    StrictLoadHook,
    load_fitting,
)
from .lacking import lacking
from .layer_decay import LayerDecayConstructor
from .loops import NoTrainLoop, UDATrainLoop
from .prepare import prepare
from .pseudo_labels import PseudoLabelHook, TeacherLabelHook
from .schedulers import InverseDecayLR, ShiftedCosineLR
from .scores import ScoresHook
from .source_statistics import SourceStatisticsHook
from .stages import open_stages, stage_config, train
from .starting import examine, is_finished
from .teacher import TeacherHook
from .terminal import TerminalHook
from .tracking import TrackingVisualizer
from .validation import UDAValLoop
from .wishes import Start, Wish
from .work_dir import WorkDir

__all__ = [
    'AlarmHook',
    'DeferredInfoHook',
    'Extractor',
    'NoTrainLoop',
    'PredictionsHook',
    'PseudoLabelHook',
    'ScoresHook',
    'SourceStatisticsHook',
    'Start',
    'StrictLoadHook',
    'TeacherHook',
    'TeacherLabelHook',
    'TerminalHook',
    'TrackingVisualizer',
    'KeptPredictionsHook',
    'UDATrainLoop',
    'UDAValLoop',
    'Wish',
    'WorkDir',
    'examine',
    'load_fitting',
    'prepare',
    'InverseDecayLR',
    'LayerDecayConstructor',
    'ShiftedCosineLR',
    'is_finished',
    'lacking',
    'open_stages',
    'stage_config',
    'by_class',
    'by_class_lines',
    'train',
]
