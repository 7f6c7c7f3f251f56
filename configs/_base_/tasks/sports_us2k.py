# Sports-DA, all but Kinetics-600 labelled.
_base_ = '../sports_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, ['ucf101', 'sports1m'], 'kinetics'))
