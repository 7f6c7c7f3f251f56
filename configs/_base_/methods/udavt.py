# UDAVT, phase 2: the transformer over time and the classifier of STAM learn
# from source labels and the bottleneck. STAM's temporal stage is the neck.
# Both begin where phase 1 ended.
phase1 = 'stage://phase1/weights.safetensors'
model = dict(
    type='UDARecognizer',
    neck=dict(
        type='ClassTokenNeck',
        readout='class_token',
        init_cfg=dict(type='StoredInit', checkpoint=phase1, prefix='neck.'),
    ),
    cls_head=dict(
        type='MLPClsHead',
        frozen=False,
        init_cfg=dict(
            type='StoredInit', checkpoint=phase1, prefix='cls_head.'
        ),
    ),
    feature_scale=None,
    ib_head=dict(
        type='InformationBottleneckHead',
        projector=dict(channels=(2048, 2048, 2048), norm='BN', frozen=True),
        queue_size=1024,
        ib_placement='pooled',
        ib_pairs='class',
        ib_normalize='standardize',
        loss_weight=0.01,
    ),
)
