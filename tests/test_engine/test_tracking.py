"""What trackers get: groups of names, one axis; the local file stays."""

import copy
import json
from pathlib import Path

import pytest
from helpers.runs import make_runner, train
from mmaction.registry import VISBACKENDS
from mmengine.config import Config
from mmengine.visualization import BaseVisBackend

from mmaction_uda.config.loading import _fold_backends
from mmaction_uda.engine.tracking import grouped
from mmaction_uda.evaluation import read_history


@VISBACKENDS.register_module()
class Recorder(BaseVisBackend):
    """A tracker that keeps what it gets."""

    rows = []

    def _init_env(self):
        pass

    @property
    def experiment(self):
        return self.rows

    def add_config(self, config, **kwargs):
        pass

    def add_scalars(self, scalar_dict, step=0, file_path=None, **kwargs):
        self.rows.append((step, scalar_dict))


def tracked(cfg: Config, backend: str) -> Config:
    """Two epochs, as ``--cfg-options vis_backends=BACKEND`` gives them."""
    cfg.vis_backends = backend
    _fold_backends(cfg)
    cfg.train_cfg.max_epochs = 2
    return cfg


def local(work_dir: str) -> list:
    """Lines of the last log."""
    file = sorted(Path(work_dir).glob('*/vis_data/scalars.json'))[-1]
    return [json.loads(line) for line in file.read_text().splitlines()]


def test_names():
    step = dict(loss=2.0, lr=0.1, top1_acc=0.5, epoch=3, iter=17, step=17)
    assert grouped(step, 17) == {
        'train/loss': 2.0,
        'train/lr': 0.1,
        'train/top1_acc': 0.5,
        'train/epoch': 3,
        'iteration': 17,
    }
    validation = {
        'acc/top1': 0.5,
        'acc/mean1': 0.25,
        'label_free/source_acc': 0.75,
        'label_free/infomax': -0.1,
        'time': 0.2,
    }
    assert grouped(validation, 40) == {
        'val/target/top1': 0.5,
        'val/target/mean1': 0.25,
        'val/source/top1': 0.75,
        'label_free/infomax': -0.1,
        'val/time': 0.2,
        'iteration': 40,
    }


def test_one_axis(make_config):
    """Iterations, also of the validation that a resume repeats."""
    Recorder.rows = rows = []
    cfg = tracked(make_config('transferattn_demo'), 'Recorder')
    runner = train(copy.deepcopy(cfg))
    length = len(runner.train_dataloader)
    assert length > 2 and runner.iter == 2 * length
    steps = [step for step, found in rows if 'train/loss' in found]
    assert steps == [*range(1, 2 * length + 1)]
    validations = {s: f for s, f in rows if 'val/target/top1' in f}
    assert [*validations] == [length, 2 * length]
    assert all(found['iteration'] == step for step, found in rows)
    assert not any(name in f for _, f in rows for name in ('step', 'acc/top1'))

    # The file of MMEngine has its own names, and validations by epoch.
    lines = local(cfg.work_dir)
    assert [r['step'] for r in lines if 'acc/top1' in r] == [1, 2]
    assert [r['step'] for r in lines if 'loss' in r] == steps
    history = read_history(cfg.work_dir)
    for epoch, found in history.validations.items():
        told = validations[epoch * length]
        assert told['val/target/top1'] == found['acc/top1']
        assert told['val/source/top1'] == found['label_free/source_acc']
        assert told['label_free/infomax'] == found['label_free/infomax']
    losses = [f['train/loss'] for _, f in rows if 'train/loss' in f]
    assert history.logged('loss') == losses

    Recorder.rows = again = []
    cfg.update(load_from=str(Path(cfg.work_dir, 'epoch_1.pth')), resume=True)
    make_runner(cfg).train()
    tested = [step for step, f in again if 'val/target/top1' in f]
    assert tested == [length, 2 * length]


def test_tensorboard_reads_it(make_config):
    pytest.importorskip('tensorboard')
    from tensorboard.backend.event_processing.event_accumulator import (
        EventAccumulator,
    )

    cfg = make_config('transferattn_demo')
    cfg = tracked(cfg, 'TensorboardVisBackend')
    runner = train(copy.deepcopy(cfg))
    (folder,) = Path(cfg.work_dir).glob('*/vis_data')
    events = EventAccumulator(str(folder))
    events.Reload()
    lines = local(cfg.work_dir)
    loss = [(e.step, e.value) for e in events.Scalars('train/loss')]
    wanted = [(r['step'], r['loss']) for r in lines if 'loss' in r]
    assert [s for s, _ in loss] == [s for s, _ in wanted]
    assert [v for _, v in loss] == pytest.approx([v for _, v in wanted])
    top1 = [(e.step, e.value) for e in events.Scalars('val/target/top1')]
    length = len(runner.train_dataloader)
    assert top1 == [
        (length * r['step'], pytest.approx(r['acc/top1']))
        for r in lines
        if 'acc/top1' in r
    ]
    groups = {tag.split('/')[0] for tag in events.Tags()['scalars']}
    assert groups == {'train', 'val', 'label_free', 'iteration'}
