# TranSVAE's numbers for HMDB51 to UCF101, 9 frames; each class of HMDB51 has
# 70 videos, so none weighs more. An epoch is 7 steps of 128 pairs.
_base_ = 'transvae.py'
# One over the number of videos; the weight of the adversarial losses, halved.
_domains = dict(domain_weights=(1 / 840, 1 / 1438), loss_weight=0.5 * 0.1)
_reading = dict(
    pipeline=[
        dict(type='SampleFeature', num_frames=9, num_views=1, test_mode=True),
        dict(type='PackActionInputs'),
    ]
)
_method = dict(
    model=dict(
        neck=dict(
            num_frames=9,
            num_videos=840 + 1438,
            mi_weight=0.5,
            triplet_weight=10.0,
            frame_head=_domains,
            relation_head=_domains,
        ),
        domain_head=_domains,
        loss_pseudo=dict(threshold=0.96),
    ),
    train_dataloader=dict(sampler=dict(epoch_length=896), dataset=_reading),
    val_dataloader=dict(dataset=_reading),
    test_dataloader=dict(dataset=_reading),
)
