# Both ShiftNets side by side, RGB and flow.
_base_ = 'shift_net.py'
_extraction = dict(
    name='shift_net_two_stream',
    pipeline=[
        *_base_._decode,
        dict(type='ComputeFlow', bound=8, keep_rgb=True),
        *_base_._pack,
    ],
)
_backbone = dict(
    data_preprocessor=dict(mean=[127.5] * 5, std=[127.5] * 5),
    backbone=dict(
        backbone=dict(
            type='TwoStreamBackbone',
            rgb=dict(type='ShiftNet'),
            flow=dict(type='FlowShiftNet'),
        ),
        checkpoint=dict(
            _delete_=True,
            rgb='asset://shift_net.safetensors',
            flow='asset://shift_net_flow.safetensors',
        ),
    ),
    neck=dict(in_channels=2 * 128),
)
