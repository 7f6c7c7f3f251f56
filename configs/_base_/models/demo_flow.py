# ShiftNet on optical flow, pre-trained on that of rendered random motions.
_base_ = 'demo.py'
data_preprocessor = dict(mean=[127.5, 127.5], std=[127.5, 127.5])
backbone = dict(
    backbone=dict(type='FlowShiftNet'),
    checkpoint='asset://shift_net_flow.safetensors',
)
extraction = dict(
    name='shift_net_flow',
    pipeline=[
        dict(type='DecordInit'),
        dict(type='AllFrames'),
        dict(type='DecordDecode'),
        dict(type='ComputeFlow', bound=8),
        dict(type='FormatShape', input_format='NCTHW'),
        dict(type='PackActionInputs'),
    ],
)
