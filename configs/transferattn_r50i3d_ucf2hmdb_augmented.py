# The end-to-end config with random crops and flips, which stored features
# cannot have.
_base_ = 'transferattn_r50i3d_ucf2hmdb_end2end.py'
train_dataloader = dict(
    dataset=dict(
        pipeline=[
            dict(type='VideoInit'),
            dict(type='SampleFrames', clip_len=128, num_clips=1),
            dict(type='VideoDecode'),
            dict(type='Resize', scale=(-1, 256)),
            dict(type='RandomResizedCrop'),
            dict(type='Resize', scale=(224, 224), keep_ratio=False),
            dict(type='Flip', flip_ratio=0.5),
            dict(type='FormatShape', input_format='NCTHW'),
            dict(type='PackActionInputs'),
        ]
    )
)
