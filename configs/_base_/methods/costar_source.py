# Co-STAR's source model: relations of 2 to 16 frames of CLIP and a classifier
# learn from source labels.
_base_ = 'clip_zero_shot.py'  # which frames are read
_method = dict(
    _delete_=True,
    model=dict(
        type='UDARecognizer',
        neck=dict(
            type='TRNNeck',
            num_frames=16,
            embed_dims=None,
            relation_channels=256,
            hidden_channels=512,
            num_subsets=9,
            scale_fusion='mean',
            dropout=0.5,
        ),
        cls_head=dict(type='MLPClsHead', frozen=False),
        feature_scale=None,
    ),
    train_dataloader=dict(
        batch_size=32,
        sampler=dict(_delete_=True, type='DefaultSampler', shuffle=True),
        dataset=dict(target=None, pipeline=_base_._clip_drawn),
    ),
    val_dataloader=_base_._clip_middle,
    test_dataloader=_base_._clip_middle,
    auto_scale_lr=dict(base_batch_size=32),
)
