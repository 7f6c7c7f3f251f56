# Sports-DA, UCF101 labelled, Sports-1M not.
_base_ = '../sports_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'ucf101', 'sports1m'))
