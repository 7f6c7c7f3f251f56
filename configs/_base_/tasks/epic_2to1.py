# EPIC-Kitchens, D2 labelled, D1 not.
_base_ = '../epic_kitchens.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'd2', 'd1'))
