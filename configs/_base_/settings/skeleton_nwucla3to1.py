# Northwestern-UCLA, camera 3 to 1, joints.
_base_ = ['../tasks/nwucla3to1.py', '../backbones/skeleton.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
