# transferattn_r50i3d_ucf2hmdb on the videos themselves, 128 frames of each:
# only the data layer changes, and the model draws its views itself.
_base_ = 'transferattn_r50i3d_ucf2hmdb.py'
frames = dict(type='SampleFrames', clip_len=128, num_clips=1)
train_pipeline = [
    dict(type='DecordInit'),
    frames,
    *_base_.decode,
    *_base_.crop,
    *_base_.pack,
]
test_pipeline = [
    dict(type='DecordInit'),
    dict(test_mode=True, **frames),
    *_base_.decode,
    *_base_.crop,
    *_base_.pack,
]


def videos(split, pipeline, **kwargs):
    """A list of videos, without stored features."""
    return dict(
        _delete_=True,
        type='VideoDataset',
        pipeline=pipeline,
        **_base_.lists[split].videos,
        **kwargs,
    )


train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        source=videos('ucf_train', train_pipeline),
        target=videos('hmdb_train', train_pipeline),
    ),
)
val_dataloader = dict(
    batch_size=8, dataset=videos('hmdb_test', test_pipeline, test_mode=True)
)
test_dataloader = val_dataloader
model = dict(backbone=dict(cached=False, sample=_base_.sample))
