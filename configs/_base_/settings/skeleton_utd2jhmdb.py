# UTD-MHAD to JHMDB, joints.
_base_ = ['../tasks/utd2jhmdb.py', '../backbones/skeleton.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
