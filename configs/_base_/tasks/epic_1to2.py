# EPIC-Kitchens, D1 labelled, D2 not.
_base_ = '../epic_kitchens.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'd1', 'd2'))
