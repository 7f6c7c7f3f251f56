"""What trainings wrote about their validations."""

import json
from glob import glob
from os.path import join
from typing import Dict

TOP1, MEAN_CLASS = 'acc/top1', 'acc/mean1'
Validations = Dict[int, Dict[str, float]]  # by epoch


def read_validations(work_dir: str) -> Validations:
    """Numbers of all validations of a training, also of a resumed one.

    Args:
        work_dir (str): Holds ``<time>/vis_data/scalars.json``.

    Returns:
        dict: ``{epoch: {'acc/top1': ..., 'label_free/snd': ...}}``; shares,
        not percent.
    """
    epochs = {}
    for file in sorted(glob(join(work_dir, '*', 'vis_data', 'scalars.json'))):
        for line in open(file):
            values = json.loads(line)
            if TOP1 in values:
                found = {k: v for k, v in values.items() if '/' in k}
                epochs[values['step']] = found
    return dict(sorted(epochs.items()))
