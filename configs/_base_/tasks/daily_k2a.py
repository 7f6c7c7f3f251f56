# Daily-DA, Kinetics-600 labelled, ARID not.
_base_ = '../daily_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'kinetics', 'arid'))
