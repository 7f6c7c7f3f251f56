# UDAVT, phase 2: the transformer over time and the classifier of STAM learn
# from source labels and the bottleneck. STAM's temporal stage is the neck.
# Both begin where phase 1 ended, on tokens of the net that it has tuned: one
# for each of 16 frames, 64 pairs a step, an epoch as long as the longer list.
_weights = 'stage://phase1/weights.safetensors'
_reading = dict(
    store_root='stage://phase1',
    pipeline=[
        dict(type='SampleFeature', num_frames=16, num_views=1, test_mode=True),
        dict(type='PackActionInputs'),
    ],
)
_method = dict(
    stages=dict(phase1=dict(config='udavt_phase1')),
    model=dict(
        type='UDARecognizer',
        backbone=dict(checkpoint=_weights),
        neck=dict(
            type='ClassTokenNeck',
            num_frames=16,
            readout='class_token',
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='neck.'
            ),
        ),
        cls_head=dict(
            type='MLPClsHead',
            frozen=False,
            init_cfg=dict(
                type='StoredInit', checkpoint=_weights, prefix='cls_head.'
            ),
        ),
        feature_scale=None,
        ib_head=dict(
            type='InformationBottleneckHead',
            projector=dict(
                channels=(2048, 2048, 2048), norm='BN', frozen=True
            ),
            queue_size=1024,
            ib_placement='pooled',
            ib_pairs='class',
            ib_normalize='standardize',
            loss_weight=0.01,
        ),
    ),
    train_dataloader=dict(
        batch_size=64,
        sampler=dict(epoch_length='max', class_balanced=False),
        dataset=_reading,
    ),
    val_dataloader=dict(dataset=_reading),
    test_dataloader=dict(dataset=_reading),
    auto_scale_lr=dict(base_batch_size=64),
)
