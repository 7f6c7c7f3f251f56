"""Start-up and validation on lists of many lines, for bench_growth.py."""

import argparse
import gc
import os
import tempfile
import time
from functools import partial
from pathlib import Path
from resource import RUSAGE_SELF, getrusage
from typing import Callable, Dict

import numpy as np
import torch
from mmaction.registry import DATA_SAMPLERS, DATASETS
from mmaction.structures import ActionDataSample
from mmengine.config import Config
from mmengine.registry import init_default_scope

import mmaction_uda  # noqa: F401 fills the registries
from mmaction_uda.config import load_config
from mmaction_uda.datasets import FeatureDataset
from mmaction_uda.datasets.features.filling import fill_shard, plan
from mmaction_uda.engine import prepare
from mmaction_uda.engine.checking import build, check
from mmaction_uda.engine.extraction import Extractor
from mmaction_uda.engine.hooks import PredictionsHook
from mmaction_uda.engine.identity import Identity
from mmaction_uda.engine.predictions import training_set_as_tested
from mmaction_uda.engine.validation import SCORED
from mmaction_uda.evaluation import ClassAccMetric, Seen, scores, signals
from mmaction_uda.files import SETTLED

CONFIG = 'transferattn_i3d_ucf2hmdb'
CLASSES, WIDTH, FRAMES = 12, 4, 2
FEATS = 512
# Lines of each list, as shares of all.
SHARES = dict(source=0.3, target=0.6, test=0.05, source_test=0.05)


class Clock:
    """CPU seconds, of this process, of parts that have names."""

    def __init__(self) -> None:
        self.seconds: Dict[str, float] = {}

    def run(self, part: str, work: Callable):
        """Do it, and note what it takes."""
        gc.collect()
        start = cpu()
        found = work()
        self.seconds[part] = cpu() - start
        return found


def cpu(who: int = RUSAGE_SELF) -> float:
    """Seconds that cores have worked for this process, or for its children."""
    usage = getrusage(who)
    return usage.ru_utime + usage.ru_stime


# -- what is read -----------------------------------------------------------
def write_videos(folder: Path, name: str, lines: int) -> dict:
    """A list and the files that it names, empty; settings that say so."""
    paths = [f'{name}/{i // 1000}/{i}.mp4' for i in range(lines)]
    for start in range(0, lines, 1000):
        (folder / paths[start]).parent.mkdir(parents=True)
    for path in paths:
        os.close(os.open(folder / path, os.O_CREAT | os.O_WRONLY))
    file = folder / f'{name}.txt'
    with open(file, 'w') as out:
        out.writelines(f'{p} {i % CLASSES}\n' for i, p in enumerate(paths))
    return dict(ann_file=str(file), data_prefix=dict(video=str(folder)))


def make_config(folder: Path, lines: int) -> Config:
    """The shipped config on lists of so many videos in all."""
    cfg = load_config(CONFIG)
    pair, tested = cfg.train_dataloader.dataset, cfg.val_dataloader.dataset
    datasets = dict(
        source=pair.source,
        target=pair.target,
        test=tested,
        source_test=cfg.val_cfg.source,
    )
    for name, share in SHARES.items():
        number = max(CLASSES, int(share * lines))
        datasets[name].videos.update(write_videos(folder, name, number))
    for loader in (cfg.train_dataloader, cfg.val_dataloader):
        loader.update(num_workers=0, persistent_workers=False)
    cfg.train_dataloader.batch_size = CLASSES
    cfg.test_cfg = cfg.test_dataloader = cfg.test_evaluator = None
    # Tokens stand for the backbone: no weights of it are needed.
    cfg.model.backbone.update(cached=True, checkpoint=None, seed=0)
    cfg.model.neck.in_channels = WIDTH
    cfg.work_dir = str(folder / 'work_dir')
    return cfg


def write_store(extractor: Extractor, dataset: FeatureDataset) -> None:
    """Two random tokens of every video."""
    store = extractor.store(dataset)
    sources = dataset.sources
    rng = np.random.default_rng(0)
    for task in plan(store, dataset.names):
        fill_shard(
            store,
            task,
            lambda names: (
                (rng.random((FRAMES, WIDTH), np.float32), sources[n].key())
                for n in names
            ),
        )


# -- what is measured -------------------------------------------------------
def predict_all(runner, lines: int) -> None:
    """What is written down and counted of a validation of so many videos."""
    draw = torch.Generator().manual_seed(0)
    # Of a batch of the model, again and again.
    outputs = [
        ActionDataSample().set_pred_score(row).set_gt_label(i % CLASSES)
        for i, row in enumerate(torch.rand(32, CLASSES, generator=draw))
    ]
    hook, metric = PredictionsHook(), ClassAccMetric()
    hook.before_val_epoch(runner)
    for _ in range(0, lines, len(outputs)):
        hook.after_val_iter(runner, 0, None, outputs)
        metric.process(None, [sample.to_dict() for sample in outputs])
    metric.evaluate(lines)
    hook.after_val_epoch(runner)


def score(lines: int) -> None:
    """Scores without target labels, as of lists of so many videos."""
    draw = torch.Generator().manual_seed(0)
    seen = {}
    for name, share in SHARES.items():
        number = min(SCORED, max(CLASSES, int(share * lines)))
        seen[name] = torch.randn(number, FEATS, generator=draw)
    source_test = seen['source_test']
    found = Seen(
        logits=seen['target'][:, :CLASSES],
        feats=seen['target'],
        train_feats=seen['source'],
        source_logits=source_test[:, :CLASSES],
        source_feats=source_test,
        source_labels=torch.arange(len(source_test)) % CLASSES,
    )
    scores(found), signals(found)


def measure(lines: int) -> Dict[str, float]:
    """CPU seconds of every part."""
    clock = Clock()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cfg = make_config(folder, lines)
        extractor = Extractor(cfg.model)
        (stored,) = clock.run('check', lambda: check([cfg]))
        for reading in stored.values():
            write_store(extractor, build(reading.config))
        time.sleep(SETTLED / 1e9)  # as where they were made earlier
        clock.run('identity', lambda: Identity.of(cfg))
        clock.run('stores', lambda: prepare(cfg, stored=stored))
        pair, _, _ = clock.run(
            'data sets',
            lambda: (
                DATASETS.build(cfg.train_dataloader.dataset),
                DATASETS.build(cfg.val_dataloader.dataset),
                training_set_as_tested(cfg),
            ),
        )
        sampler = DATA_SAMPLERS.build(
            {**cfg.train_dataloader.sampler, 'seed': 0},
            default_args=dict(dataset=pair),
        )
        clock.run('order', lambda: list(sampler))
        runner = argparse.Namespace(
            epoch=1,
            seed=0,
            log_dir=name,
            val_dataloader=argparse.Namespace(dataset=range(lines)),
        )
        clock.run('predictions', partial(predict_all, runner, lines))
        clock.run('scores', partial(score, lines))
    return clock.seconds


def run(args: argparse.Namespace) -> Dict[str, Dict[str, float]]:
    """Print the table; all figures."""
    gc.freeze()  # as our tools do
    init_default_scope('mmaction')
    figures: Dict[str, Dict[str, float]] = {}
    for lines in args.lines:
        figures[str(lines)] = found = measure(lines)
        found['all'] = sum(found.values())
        print(lines, {k: round(v, 2) for k, v in found.items()}, flush=True)
    return figures
