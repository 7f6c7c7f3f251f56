# UT-Interaction, set 2 to 1, EfficientNet-Lite0.
_base_ = ['../tasks/ut2to1.py', '../backbones/lite0.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
