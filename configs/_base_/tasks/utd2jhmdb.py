# UTD-MHAD labelled, JHMDB not.
_base_ = 'jhmdb2utd.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'utd', 'jhmdb'))
