# CLIP zero-shot: frames are compared with the names of the classes, nothing
# is learnt. For backbones that texts can be compared with (clip_projected);
# tools/embed_texts.py makes the texts. What it says of the target's training
# videos stays in its directory, for a method that it teaches.
_clip_frames = dict(type='SampleFeature', num_frames=16, num_views=1)
_clip_drawn = [
    _clip_frames,
    dict(type='PackActionInputs'),
]  # one frame of 16 segments
_clip_middle = dict(  # their middles
    dataset=dict(
        pipeline=[
            dict(test_mode=True, **_clip_frames),
            dict(type='PackActionInputs'),
        ]
    )
)
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(type='FrameNeck', num_frames=16),
        cls_head=dict(
            type='TextClsHead',
            templates='unite',
            order='probs_over_frames',
            scale=100.0,
        ),
        feature_scale=None,
    ),
    train_dataloader=dict(dataset=dict(pipeline=_clip_drawn)),
    val_dataloader=_clip_middle,
    test_dataloader=_clip_middle,
    default_hooks=dict(scores=dict(type='ScoresHook')),
)
