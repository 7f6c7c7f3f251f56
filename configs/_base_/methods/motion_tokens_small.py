# Motion tokens for a small net, without a teacher: target labels that the
# model itself is sure of.
_base_ = ['motion_tokens.py', '../small_clips.py']
_method = dict(
    stages=dict(_delete_=True),
    model=dict(loss_pseudo=dict(labels='model')),
    train_dataloader=dict(
        batch_size=16, dataset=dict(pipeline=_base_._view64, teacher=None)
    ),
    val_dataloader=_base_._tested64,
    test_dataloader=_base_._tested64,
    auto_scale_lr=dict(base_batch_size=16),
)
