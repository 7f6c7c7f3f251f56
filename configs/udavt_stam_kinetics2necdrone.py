# UDAVT, Kinetics to NEC-Drone, STAM: 65.3 in Table II. Its own phase 1 comes
# first. The published run crops persons and balances classes; how is not
# known.
_base_ = [
    '_base_/settings/stam_frames_kinetics2necdrone.py',
    '_base_/methods/udavt.py',
    '_base_/schedules/udavt.py',
]
_base_._method.model.ib_head.update(queue_size=2048, loss_weight=0.025)
globals().update(_base_._method)
