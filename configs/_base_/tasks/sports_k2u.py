# Sports-DA, Kinetics-600 labelled, UCF101 not.
_base_ = '../sports_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'kinetics', 'ucf101'))
