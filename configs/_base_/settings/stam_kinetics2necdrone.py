# Kinetics to NEC-Drone, STAM.
_base_ = ['../tasks/kinetics2necdrone.py', '../backbones/stam.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
