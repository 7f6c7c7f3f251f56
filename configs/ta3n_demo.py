# TA3N on the embedded benchmark: all 16 frames, Adam, weak reversals, domain
# heads that learn faster. With its published schedule and coefficients it
# hardly fits the source.
_base_ = [
    '_base_/settings/demo.py',
    '_base_/methods/ta3n.py',
    '_base_/schedules/demo.py',
]
_method = _base_._method
_start = dict(std=0.09)
_domains = dict(hidden_channels=128, grl=dict(amplitude=0.1))
_method.model.domain_head.update(_domains, init_cfg=_start)
_method.model.cls_head.init_cfg.update(_start)
_method.model.neck.update(
    num_frames=16,
    embed_dims=128,
    relation_channels=128,
    frame_head=dict(_domains, init_cfg=_start),
    relation_head=_domains,
    init_cfg=_start,
)
for _stage in ('train', 'val', 'test'):
    _method[f'{_stage}_dataloader'].dataset.pipeline[0].num_frames = 16
globals().update(_method)
