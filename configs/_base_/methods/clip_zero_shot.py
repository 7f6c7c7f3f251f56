# CLIP zero-shot: frames are compared with the names of the classes, nothing
# is learnt. For backbones that texts can be compared with (clip_projected);
# tools/embed_texts.py makes the texts. What it says of the target's training
# videos stays in its directory, for a method that it teaches.
_method = dict(
    model=dict(
        type='UDARecognizer',
        neck=dict(type='FrameNeck'),
        cls_head=dict(
            type='TextClsHead',
            templates='unite',
            order='probs_over_frames',
            scale=100.0,
        ),
        feature_scale=None,
    ),
    default_hooks=dict(scores=dict(type='ScoresHook')),
)
