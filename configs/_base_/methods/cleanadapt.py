# CleanAdapt: the source model goes on, end to end, with those of its own
# pseudo-labels that it is most confident of. No source data are read.
source_weights = 'stage://source/weights.safetensors'
model = dict(
    type='UDARecognizer',
    data_preprocessor=dict(train_domain='target'),
    backbone=dict(type='TunedBackbone', checkpoint=source_weights),
    neck=dict(type='MeanNeck'),
    cls_head=dict(
        type='MLPClsHead',
        frozen=False,
        init_cfg=dict(
            type='StoredInit', checkpoint=source_weights, prefix='cls_head.'
        ),
    ),
    feature_scale=None,
    label_domain='target',
)
