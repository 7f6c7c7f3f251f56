# TransferAttn with a second opinion: CLIP zero-shot, a first stage, labels the
# target rows that the bottleneck pairs, and those that it is sure of are
# learnt. Ours, no published setting; of 0.8 and 0.5 see docs/methods.md.
_base_ = 'transferattn.py'
_method = dict(
    stages=dict(teacher=dict(config='clip_zero_shot@clip_projected_TASK')),
    model=dict(
        ib_head=dict(target_labels=dict(labels='teacher')),
        loss_pseudo=dict(
            type='PseudoLabelLoss',
            labels='teacher',
            threshold=0.8,
            loss_weight=0.5,
        ),
    ),
    train_dataloader=dict(
        dataset=dict(teacher='stage://teacher/scores.safetensors')
    ),
)
