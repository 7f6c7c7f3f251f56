# UCF101 to HMDB51 with TranSVAE's numbers. An epoch is 12 steps of 128 pairs:
# its lists are repeated up to the next multiple of 128, ours just go on.
_base_ = [
    '../datasets/ucf2hmdb.py',
    '../methods/transvae.py',
    '../schedules/transvae.py',
    '../default_runtime.py',
]
segments = [  # their centres, in training too
    dict(type='SampleFeature', num_frames=8, num_views=1, test_mode=True),
    dict(type='PackActionInputs'),
]
# One over the number of videos; the weight of the adversarial losses, halved.
domains = dict(domain_weights=(1 / 1438, 1 / 840), loss_weight=0.5 * 1)
model = dict(
    neck=dict(
        num_frames=8,
        num_videos=1438 + 840,
        mi_weight=50.0,
        triplet_weight=1.0,
        frame_head=domains,
        relation_head=domains,
    ),
    cls_head=dict(
        num_classes=_base_.num_classes,
        loss_cls=dict(
            type='ClassBalancedCrossEntropy',
            # Videos of UCF101, by class.
            class_counts=[188, 77, 100, 96, 72, 332, 72, 96, 115, 99, 104, 87],
        ),
    ),
    domain_head=domains,
    loss_pseudo=dict(threshold=0.93),
)
train_dataloader = dict(
    batch_size=128, sampler=dict(epoch_length=1536, class_balanced=False)
)
default_hooks = dict(checkpoint=dict(interval=10))
