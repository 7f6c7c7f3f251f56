# Sports-DA, Sports-1M labelled, Kinetics-600 not.
_base_ = '../sports_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'sports1m', 'kinetics'))
