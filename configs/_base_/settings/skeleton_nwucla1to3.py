# Northwestern-UCLA, camera 1 to 3, joints.
_base_ = ['../tasks/nwucla1to3.py', '../backbones/skeleton.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
