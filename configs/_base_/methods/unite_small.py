# UNITE's third stage for a small net, without a teacher: the model trusts what
# it is sure of itself.
_base_ = ['unite.py', '../small_clips.py']
_method = dict(
    stages=dict(_delete_=True, source=dict(config='unite_small_source')),
    model=dict(loss_pseudo=dict(teacher='none', threshold=0.8)),
    train_dataloader=dict(
        batch_size=16,
        dataset=dict(
            pipeline=[
                *_base_._read64,
                dict(type='ClipRandAugment', magnitude=3, num_layers=2),
                *_base_._pack64,
            ],
            weak=_base_._view64,
            teacher=None,
        ),
    ),
    val_dataloader=_base_._tested64,
    test_dataloader=_base_._tested64,
    auto_scale_lr=dict(base_batch_size=16),
)
