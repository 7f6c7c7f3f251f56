# The embedded benchmark, RGB and flow.
_base_ = ['../tasks/demo.py', '../backbones/shift_net_two_stream.py']
model = _base_._backbone
train_dataloader = val_dataloader = test_dataloader = dict(
    dataset=dict(extraction=_base_._extraction)
)
