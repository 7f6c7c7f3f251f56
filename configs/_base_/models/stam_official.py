# STAM-16 with the normalisation of its authors: values in [0, 1].
_base_ = 'stam.py'
data_preprocessor = dict(mean=[0.0, 0.0, 0.0], std=[255.0, 255.0, 255.0])
extraction = dict(name='stam_official')
