"""What finished trainings leave in their directories."""

import json
from pathlib import Path
from typing import Dict, Optional, Sequence

CONFIG = """
train_dataloader = dict(dataset=dict(
    source=dict(videos=dict(ann_file='data/src_train.txt')),
    target=dict(videos=dict(ann_file='data/tgt_train.txt'))))
test_dataloader = dict(dataset=dict(videos=dict(
    ann_file='data/tgt_test.txt', metainfo=dict(classes=['a', 'b', 'c']))))
model = dict(type='UDARecognizer', cls_head=dict(num_classes=3))
"""


def write_training(
    folder,
    accuracies: Dict[int, float],
    predicted: Sequence[int] = (),
    labels: Sequence[int] = (),
    seed: int = 0,
    config: Optional[str] = None,
    **scores: Dict[int, float],
) -> str:
    """Write what a training has logged.

    Args:
        folder: Its work directory.
        accuracies (dict): Of each epoch, in [0, 1].
        predicted (Sequence[int]): Classes after the last epoch.
        labels (Sequence[int]): Those of the test list.
        seed (int): Its seed.
        config (str, optional): Its text.
        scores (dict): ``label_free/…`` of each epoch.
    """
    place = Path(folder, '20260101_000000', 'vis_data')
    place.mkdir(parents=True)
    rows = [
        {'acc/top1': right, 'acc/mean1': right, 'step': epoch}
        | {f'label_free/{name}': s[epoch] for name, s in scores.items()}
        for epoch, right in accuracies.items()
    ]
    lines = ''.join(json.dumps(row) + '\n' for row in rows)
    (place / 'scalars.json').write_text(lines)
    if predicted:
        kept = dict(epoch=max(accuracies), seed=seed)
        kept.update(predicted=[*predicted], labels=[*labels])
        (place / 'predictions.jsonl').write_text(json.dumps(kept) + '\n')
    if config:
        (place / 'config.py').write_text(config)
    Path(folder, 'weights.safetensors').touch()
    return str(folder)
