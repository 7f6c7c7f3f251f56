# Kinetics to NEC-Drone: TranSVAE published no setting, the numbers are those
# for UCF101 to HMDB51. No class of Kinetics weighs more: how many videos are
# left of each depends on what can still be downloaded.
_base_ = 'transvae.py'
# One over the number of videos; the weight of the adversarial losses, halved.
_domains = dict(domain_weights=(1 / 8188, 1 / 435), loss_weight=0.5 * 1)
_method = dict(
    model=dict(
        neck=dict(
            num_videos=8188 + 435,
            mi_weight=50.0,
            triplet_weight=1.0,
            frame_head=_domains,
            relation_head=_domains,
        ),
        domain_head=_domains,
    ),
    train_dataloader=dict(sampler=dict(epoch_length=8192)),
)
