# MA2LT-D's released code: the same optimizer, the rate stays as it is.
_base_ = 'adam_300e.py'
param_scheduler = []
