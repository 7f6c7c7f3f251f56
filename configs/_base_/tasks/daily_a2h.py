# Daily-DA, ARID labelled, HMDB51 not.
_base_ = '../daily_da.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'arid', 'hmdb51'))
