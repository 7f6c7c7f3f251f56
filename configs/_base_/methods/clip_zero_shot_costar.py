# CLIP zero-shot as Co-STAR asks it: logits averaged over frames and sentences.
_base_ = 'clip_zero_shot.py'
_method = dict(
    model=dict(cls_head=dict(templates='action_clip', order='logits'))
)
