# STAM-16 with the normalisation of its authors: values in [0, 1].
_base_ = 'stam.py'
_extraction = dict(name='stam_official')
_backbone = dict(data_preprocessor=dict(mean=[0.0] * 3, std=[255.0] * 3))
