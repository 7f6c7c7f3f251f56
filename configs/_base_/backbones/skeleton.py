# Joints, which tools/data/skeletons stores under this name: neither videos nor
# weights are needed. A task says how wide the tokens are.
_extraction = dict(name='skeleton')
_backbone = dict(
    data_preprocessor=dict(type='UDADataPreprocessor'),
    backbone=dict(type='FrozenBackbone', features='skeleton', cached=True),
)
