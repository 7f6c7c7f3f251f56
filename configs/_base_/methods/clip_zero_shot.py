# CLIP zero-shot: frames are compared with the names of the classes, nothing
# is learnt. For backbones that texts can be compared with (clip_projected);
# tools/embed_texts.py makes the texts.
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
)
