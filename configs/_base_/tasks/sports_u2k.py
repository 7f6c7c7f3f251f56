# Sports-DA, UCF101 labelled, Kinetics-600 not.
_base_ = '../sports_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'ucf101', 'kinetics'))
