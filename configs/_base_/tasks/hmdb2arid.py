# HMDB-ARID, HMDB51 labelled, ARID not: the direction of Daily-DA.
_base_ = 'daily_h2a.py'
