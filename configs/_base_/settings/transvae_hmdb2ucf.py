# HMDB51 to UCF101 with TranSVAE's numbers; each class of HMDB51 has 70 videos,
# so none weighs more. An epoch is 7 steps of 128 pairs: its lists are repeated
# up to the next multiple of 128, ours just go on.
_base_ = [
    '../datasets/hmdb2ucf.py',
    '../methods/transvae.py',
    '../schedules/transvae.py',
    '../default_runtime.py',
]
segments = [  # their centres, in training too
    dict(type='SampleFeature', num_frames=9, num_views=1, test_mode=True),
    dict(type='PackActionInputs'),
]
# One over the number of videos; the weight of the adversarial losses, halved.
domains = dict(domain_weights=(1 / 840, 1 / 1438), loss_weight=0.5 * 0.1)
model = dict(
    neck=dict(
        num_frames=9,
        num_videos=840 + 1438,
        mi_weight=0.5,
        triplet_weight=10.0,
        frame_head=domains,
        relation_head=domains,
    ),
    cls_head=dict(num_classes=_base_.num_classes),
    domain_head=domains,
    loss_pseudo=dict(threshold=0.96),
)
train_dataloader = dict(
    batch_size=128, sampler=dict(epoch_length=896, class_balanced=False)
)
default_hooks = dict(checkpoint=dict(interval=10))
