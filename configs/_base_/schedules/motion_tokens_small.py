# As for UNITE's small net.
_base_ = 'unite_small.py'
