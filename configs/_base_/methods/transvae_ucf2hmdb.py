# TranSVAE's numbers for UCF101 to HMDB51. An epoch is 12 steps of 128 pairs:
# its lists are repeated up to the next multiple of 128, ours just go on.
_base_ = 'transvae.py'
# One over the number of videos; the weight of the adversarial losses, halved.
_domains = dict(domain_weights=(1 / 1438, 1 / 840), loss_weight=0.5 * 1)
_method = dict(
    model=dict(
        neck=dict(
            num_videos=1438 + 840,
            mi_weight=50.0,
            triplet_weight=1.0,
            frame_head=_domains,
            relation_head=_domains,
        ),
        cls_head=dict(
            loss_cls=dict(
                type='ClassBalancedCrossEntropy',
                # Videos of UCF101, by class.
                class_counts=[
                    *(188, 77, 100, 96, 72, 332),
                    *(72, 96, 115, 99, 104, 87),
                ],
            )
        ),
        domain_head=_domains,
    ),
    train_dataloader=dict(sampler=dict(epoch_length=1536)),
)
