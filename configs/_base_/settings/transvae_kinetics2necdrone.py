# Kinetics to NEC-Drone: TranSVAE published no setting, the numbers are those
# for UCF101 to HMDB51. No class of Kinetics weighs more: how many videos are
# left of each depends on what can still be downloaded.
_base_ = [
    '../datasets/kinetics2necdrone.py',
    '../methods/transvae.py',
    '../schedules/transvae.py',
    '../default_runtime.py',
]
segments = [  # their centres, in training too
    dict(type='SampleFeature', num_frames=8, num_views=1, test_mode=True),
    dict(type='PackActionInputs'),
]
# One over the number of videos; the weight of the adversarial losses, halved.
domains = dict(domain_weights=(1 / 8188, 1 / 435), loss_weight=0.5 * 1)
model = dict(
    neck=dict(
        num_frames=8,
        num_videos=8188 + 435,
        mi_weight=50.0,
        triplet_weight=1.0,
        frame_head=domains,
        relation_head=domains,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    domain_head=domains,
    loss_pseudo=dict(threshold=0.93),
)
train_dataloader = dict(
    batch_size=128, sampler=dict(epoch_length=8192, class_balanced=False)
)
default_hooks = dict(checkpoint=dict(interval=10))
