# Sports-DA, all but UCF101 labelled.
_base_ = '../sports_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, ['sports1m', 'kinetics'], 'ucf101'))
