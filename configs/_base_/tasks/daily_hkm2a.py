# Daily-DA, all but ARID labelled.
_base_ = '../daily_da.py'
from mmaction_uda.config import direction

globals().update(
    direction(_base_._lists, ['hmdb51', 'kinetics', 'mit'], 'arid')
)
