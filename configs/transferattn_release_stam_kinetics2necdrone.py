# TransferAttn as the authors' code runs it, Kinetics to NEC-Drone, STAM.
_base_ = [
    '_base_/settings/stam_kinetics2necdrone.py',
    '_base_/methods/transferattn_release.py',
    '_base_/schedules/adam_300e.py',
]
model = _base_._method.model
model.domain_head.grl.amplitude = model.neck.last_attention.grl.amplitude = 0.5
model.ib_head.loss_weight = 0.025
