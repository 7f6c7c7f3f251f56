from .choice import (
    DEFAULT,
    check_validator,
    choose,
    leave_one_out,
    rank_correlation,
    regret,
)
from .history import MEAN_CLASS, TOP1, Validations, read_validations
from .validators import PREFIX, VALIDATORS, Seen, scores

__all__ = [
    'DEFAULT',
    'MEAN_CLASS',
    'PREFIX',
    'TOP1',
    'VALIDATORS',
    'Seen',
    'Validations',
    'check_validator',
    'check_validator',
    'choose',
    'leave_one_out',
    'rank_correlation',
    'read_validations',
    'regret',
    'scores',
]
