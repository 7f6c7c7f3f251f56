# Northwestern-UCLA, camera 3 labelled, camera 1 not.
_base_ = 'nwucla1to3.py'
from mmaction_uda.config import direction

globals().update(direction(_base_._lists, 'nwucla3', 'nwucla1'))
