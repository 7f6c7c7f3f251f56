# TransferAttn with one encoder for RGB and one for flow.
_base_ = 'transferattn.py'
_method = dict(
    model=dict(
        neck=dict(
            _delete_=True,
            type='MultiModalNeck',
            num_modalities=2,
            shared=False,
            neck=_base_._method.model.neck,
        )
    )
)
