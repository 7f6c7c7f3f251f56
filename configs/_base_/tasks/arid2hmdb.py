# HMDB-ARID, ARID labelled, HMDB51 not: the direction of Daily-DA.
_base_ = 'daily_a2h.py'
