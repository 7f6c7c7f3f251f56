# ShiftNet on optical flow, pre-trained on that of rendered random motions.
_base_ = 'shift_net.py'
_extraction = dict(
    name='shift_net_flow',
    pipeline=[
        *_base_._decode,
        dict(type='ComputeFlow', bound=8),
        *_base_._pack,
    ],
)
_backbone = dict(
    data_preprocessor=dict(mean=[127.5] * 2, std=[127.5] * 2),
    backbone=dict(
        backbone=dict(type='FlowShiftNet'),
        checkpoint='asset://shift_net_flow.safetensors',
    ),
)
