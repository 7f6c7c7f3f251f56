# I3D features that others made: imported by tools/data/import_features.py
# under this name (docs/datasets.md). Videos are not needed.
data_preprocessor = dict(type='UDADataPreprocessor')
backbone = dict(type='FrozenBackbone', features='released_i3d', cached=True)
extraction = dict(name='released_i3d')
encoder = dict(in_channels=1024, num_frames=53, embed_dims=512)
