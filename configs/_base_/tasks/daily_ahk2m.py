# Daily-DA, all but Moments in Time labelled.
_base_ = '../daily_da.py'
from mmaction_uda.config import direction

globals().update(
    direction(_base_._lists, ['arid', 'hmdb51', 'kinetics'], 'mit')
)
