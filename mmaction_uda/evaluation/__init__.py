from .alarms import ALARMS, alarm_lines, new_alarms
from .choice import (
    DEFAULT,
    OF_TRAININGS,
    check_validator,
    choose,
    leave_one_out,
    rank_correlation,
    regret,
)
from .history import (
    MEAN_CLASS,
    PREDICTIONS,
    RECORD,
    TOP1,
    History,
    Predictions,
    Validations,
    largest_share,
    log_files,
    read_history,
    read_predictions,
    read_record,
    read_validations,
)
from .intervals import Interval, accuracy, difference
from .metric import ClassAccMetric
from .oracles import ORACLES, chance_line, is_oracle
from .signals import signals
from .validators import PREFIX, VALIDATORS, Seen, scores

__all__ = [
    'ALARMS',
    'ClassAccMetric',
    'DEFAULT',
    'History',
    'Interval',
    'MEAN_CLASS',
    'OF_TRAININGS',
    'ORACLES',
    'PREDICTIONS',
    'PREFIX',
    'Predictions',
    'RECORD',
    'TOP1',
    'VALIDATORS',
    'Seen',
    'Validations',
    'accuracy',
    'alarm_lines',
    'chance_line',
    'check_validator',
    'choose',
    'difference',
    'is_oracle',
    'largest_share',
    'leave_one_out',
    'log_files',
    'new_alarms',
    'rank_correlation',
    'read_history',
    'read_predictions',
    'read_record',
    'read_validations',
    'regret',
    'scores',
    'signals',
]
