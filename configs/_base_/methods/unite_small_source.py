# UNITE's second stage for a small net, without augmentation.
_base_ = ['unite_source.py', '../small_clips.py']
_method = dict(
    train_dataloader=dict(
        batch_size=16, dataset=dict(pipeline=_base_._view64)
    ),
    val_dataloader=_base_._tested64,
    test_dataloader=_base_._tested64,
    auto_scale_lr=dict(base_batch_size=16),
)
