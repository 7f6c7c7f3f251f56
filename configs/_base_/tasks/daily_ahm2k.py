# Daily-DA, all but Kinetics-600 labelled.
_base_ = '../daily_da.py'
from mmaction_uda.config import direction

globals().update(
    direction(_base_._lists, ['arid', 'hmdb51', 'mit'], 'kinetics')
)
