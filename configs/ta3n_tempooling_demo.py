# DANN + TemPooling on the embedded benchmark, as in ta3n_demo.py.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/ta3n_tempooling.py',
    '_base_/schedules/ta3n.py',
]
_model = _base_._method.model
_model.domain_head.hidden_channels = 128
_model.neck.update(embed_dims=128, frame_head=dict(hidden_channels=128))
globals().update(_base_._method)
