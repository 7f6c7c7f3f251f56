"""What `--auto-scale-lr` takes for the batch of a learning rate.

tests/test_tools/test_launch.py has trainings that use it.
"""

import pytest
from helpers.configs import CONFIGS

from mmaction_uda.config import load_config

# On the videos themselves a process has 8 pairs; the rate is that of 32.
OTHERS = dict.fromkeys(
    (
        'transferattn_r50i3d_ucf2hmdb_end2end',
        'transferattn_r50i3d_ucf2hmdb_augmented',
    ),
    32,
)


@pytest.mark.parametrize('name', CONFIGS)
def test_one_process_keeps_the_rate(name):
    """A config's own batch is the one that its rate was chosen for."""
    cfg = load_config(name)
    batch = cfg.train_dataloader.batch_size
    assert OTHERS.get(name) != batch  # no exception without need
    assert cfg.auto_scale_lr == dict(
        enable=False, base_batch_size=OTHERS.get(name, batch)
    )
