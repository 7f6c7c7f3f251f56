# Sports-DA, all but Sports-1M labelled.
_base_ = '../sports_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, ['ucf101', 'kinetics'], 'sports1m'))
