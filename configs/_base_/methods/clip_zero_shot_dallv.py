# CLIP zero-shot as DALL-V has it: sixteen templates, probabilities averaged
# over them.
_base_ = 'clip_zero_shot.py'
_method = dict(
    model=dict(
        cls_head=dict(templates='action_clip', order='probs_over_templates')
    )
)
