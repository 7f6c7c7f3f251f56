# TransferAttn with one encoder for RGB and one for flow. Without a queue,
# which would pair the rows of one with those of the other.
_base_ = 'transferattn.py'
_method = dict(
    model=dict(
        neck=dict(
            _delete_=True,
            type='MultiModalNeck',
            num_modalities=2,
            shared=False,
            neck=_base_._method.model.neck,
        ),
        ib_head=dict(queue_size=0),
    )
)
