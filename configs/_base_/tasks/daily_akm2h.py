# Daily-DA, all but HMDB51 labelled.
_base_ = '../daily_da.py'
from mmaction_uda.config import direction

globals().update(
    direction(_base_._lists, ['arid', 'kinetics', 'mit'], 'hmdb51')
)
