"""What is trained or tested, in a few lines."""

import os.path as osp
import textwrap
from typing import Dict, Iterator, Optional, Sized

import torch
from mmengine.config import Config, ConfigDict
from mmengine.dist import get_world_size

from ..config.fragments import inherited
from ..datasets import JoinedDataset
from ..evaluation import is_oracle

WIDTH = 100  # columns of the terminal


def training_lines(runner) -> Iterator[str]:
    """Describe a training that is about to begin."""
    cfg, loader = runner.cfg, runner.train_dataloader
    model = cfg.model
    lines = dict(
        method=f'{method_name(cfg)}: {", ".join(_parts(model))}',
        backbone=_backbone(model.backbone),
        videos=_videos(runner),
        classes=_classes(loader.dataset, model.cls_head),
        training=f'{runner.max_epochs} epochs of {len(loader)} steps, '
        f'batches of {loader.batch_size}',
        seed=str(runner.seed),
        device=_device(loader.num_workers),
        log=runner.logger.log_file,
    )
    if runner.epoch:
        lines['training'] += f'; goes on after epoch {runner.epoch}'
    yield _name(runner)
    yield from _aligned(dict(work_dir=runner.work_dir, **lines))


def test_lines(runner) -> Iterator[str]:
    """Describe a test that is about to begin."""
    cfg, tested = runner.cfg, runner.test_dataloader.dataset
    yield _name(runner)
    yield from _aligned(
        dict(
            checkpoint=described_checkpoint(cfg.load_from),
            videos=described(tested),
            device=_device(runner.test_dataloader.num_workers),
            log=runner.logger.log_file,
        )
    )


def method_name(cfg: Config) -> str:
    """The layer that a config takes its method from, as far as it says."""
    file = cfg.filename or ''
    if '@' in file:
        return osp.basename(file).split('@')[0]
    for path in inherited(file) if osp.isfile(file) else ():
        if osp.basename(osp.dirname(path)) == 'methods':
            return osp.splitext(osp.basename(path))[0]
    return cfg.model.type


def described(dataset: Sized) -> str:
    """Name and size of a data set."""
    if isinstance(dataset, JoinedDataset):
        return ' + '.join(map(described, dataset.datasets))
    videos = getattr(dataset, 'videos', dataset)
    file = getattr(videos, 'ann_file', None) or ''
    name = osp.splitext(osp.basename(file))[0] or type(dataset).__name__
    return f'{len(dataset)} of {name}'


def _name(runner) -> str:
    return runner.experiment_name.removesuffix(f'_{runner.timestamp}')


def described_checkpoint(file: Optional[str]) -> str:
    """Its path, and what chose it if that was an oracle."""
    if file and is_oracle(file):
        return f'{file} (oracle: target labels chose it)'
    return file or 'none'


def _aligned(lines: Dict[str, str]) -> Iterator[str]:
    margin = max(map(len, lines)) + 4
    for name, text in lines.items():
        yield textwrap.fill(
            text,
            WIDTH,
            initial_indent=f'  {name}'.ljust(margin),
            subsequent_indent=' ' * margin,
            break_long_words=False,
            break_on_hyphens=False,
        )


def _parts(model: dict) -> Iterator[str]:
    """Classes of all that is behind the backbone."""
    for name, part in model.items():
        if name not in ('backbone', 'data_preprocessor') and (
            isinstance(part, dict) and 'type' in part
        ):
            yield part['type']


def _backbone(config: ConfigDict) -> str:
    inner = config.get('backbone') or {}
    net = config.get('features') or inner.get('type')
    text = f'{net} in a {config.type}' if net else config.type
    run = 'stored tokens' if config.get('cached') else 'run in every step'
    return f'{text}, {run}'


def _videos(runner) -> str:
    pair = runner.train_dataloader.dataset
    domains = getattr(pair, 'domains', {'': pair})
    text = ' -> '.join(map(described, domains.values()))
    if runner.val_loop is not None:
        tested = runner.val_dataloader.dataset
        text += f', validated on {described(tested)}'
    return text


def _classes(dataset: Sized, head: ConfigDict) -> str:
    names = getattr(dataset, 'metainfo', {}).get('classes') or ()
    shown = ', '.join(names[:4]) + (', …' if len(names) > 4 else '')
    return f'{head.num_classes} ({shown})' if shown else str(head.num_classes)


def _device(workers: int) -> str:
    if torch.cuda.is_available():
        device = torch.cuda.get_device_name()
    else:
        device = f'CPU, threads: {torch.get_num_threads()}'
    ranks = get_world_size()
    text = f'{ranks} processes, each {device}' if ranks > 1 else device
    return f'{text}, reading workers: {workers}' if workers else text
