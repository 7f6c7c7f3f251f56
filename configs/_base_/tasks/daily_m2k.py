# Daily-DA, Moments in Time labelled, Kinetics-600 not.
_base_ = '../daily_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'mit', 'kinetics'))
