# transferattn_r50i3d_ucf2hmdb on the videos themselves, 128 frames of each:
# only the data layer changes, and the model draws its views itself.
_base_ = 'transferattn_r50i3d_ucf2hmdb.py'
_frames = dict(type='SampleFrames', clip_len=128, num_clips=1)
_read = _base_._extraction.pipeline[2:]
train_dataloader = dict(
    batch_size=8,
    dataset=dict(
        extraction=None, pipeline=[dict(type='VideoInit'), _frames, *_read]
    ),
)
val_dataloader = test_dataloader = dict(
    batch_size=8,
    dataset=dict(
        extraction=None,
        pipeline=[
            dict(type='VideoInit'),
            dict(test_mode=True, **_frames),
            *_read,
        ],
    ),
)
model = dict(backbone=dict(cached=False, sample=_base_._sample))
