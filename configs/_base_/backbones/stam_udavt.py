# STAM-16 as UDAVT has it: no bias of queries, keys and values, the
# normalisation of Kinetics.
_base_ = 'stam.py'
_extraction = dict(name='stam_udavt')
_backbone = dict(
    data_preprocessor=dict(
        mean=[110.7975, 103.3005, 96.2625], std=[70.584, 69.1815, 69.7935]
    ),
    backbone=dict(backbone=dict(qkv_bias=False)),
)
