# I3D features that others made: imported by tools/data/import_features.py
# under this name (docs/datasets.md). Videos are not needed.
_extraction = dict(name='released_i3d')
_backbone = dict(
    data_preprocessor=dict(type='UDADataPreprocessor'),
    backbone=dict(type='FrozenBackbone', features='released_i3d', cached=True),
    neck=dict(in_channels=1024),
)
