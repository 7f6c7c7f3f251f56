"""Which videos of a long list are scored."""

import torch
from helpers.runs import train

from mmaction_uda.engine import validation

ROWS = (
    *('logits', 'feats', 'frame_weights'),
    *('source_logits', 'source_feats', 'source_labels'),
)


def test_they_are_spaced_evenly_and_keep_their_labels(
    make_config, monkeypatch
):
    seen = []
    monkeypatch.setattr(
        validation, 'scores', lambda found: seen.append(found) or {}
    )
    loop = train(make_config('transferattn_demo')).val_loop
    loop.scores()
    monkeypatch.setattr(validation, 'SCORED', 5)
    loop.scores()
    whole, part = seen[-2:]
    for name in ROWS:
        rows = getattr(whole, name)
        picked = [i * len(rows) // 5 for i in range(5)]
        assert len(rows) > 5 and len({*picked}) == 5
        assert torch.allclose(getattr(part, name), rows[picked], atol=1e-5)
    assert len(part.train_feats) == 5
    assert len({*part.source_labels.tolist()}) > 1
