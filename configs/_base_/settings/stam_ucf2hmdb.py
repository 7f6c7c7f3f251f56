# UCF101 to HMDB51, STAM.
_base_ = ['../tasks/ucf2hmdb.py', '../backbones/stam.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
