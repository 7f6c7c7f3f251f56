# Both ShiftNets side by side, RGB and flow.
_base_ = 'demo.py'
data_preprocessor = dict(mean=[127.5] * 5, std=[127.5] * 5)
backbone = dict(
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
)
extraction = dict(
    name='shift_net_two_stream',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames'),
        dict(type='DecordDecode'),
        dict(type='ComputeFlow', bound=8, keep_rgb=True),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
encoder = dict(in_channels=2 * 128)
