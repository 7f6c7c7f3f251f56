# UT-Interaction, the windy lawn labelled, the parking lot not.
_base_ = 'ut1to2.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'ut2', 'ut1'))
