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
    TOP1,
    History,
    Validations,
    read_history,
    read_validations,
)
from .oracles import ORACLES, chance_line, is_oracle
from .signals import signals
from .validators import PREFIX, VALIDATORS, Seen, scores

__all__ = [
    'ALARMS',
    'DEFAULT',
    'History',
    'MEAN_CLASS',
    'OF_TRAININGS',
    'ORACLES',
    'PREFIX',
    'TOP1',
    'VALIDATORS',
    'Seen',
    'Validations',
    'alarm_lines',
    'chance_line',
    'check_validator',
    'choose',
    'is_oracle',
    'leave_one_out',
    'new_alarms',
    'rank_correlation',
    'read_history',
    'read_validations',
    'regret',
    'scores',
    'signals',
]
