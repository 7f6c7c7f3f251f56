# HMDB51 labelled, UCF101 not.
_base_ = 'ucf2hmdb.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'hmdb', 'ucf'))
