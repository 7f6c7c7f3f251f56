"""The report of tools/quickstart.py: a page, two pictures."""

import os.path as osp
import platform
import re
import shlex
from typing import Dict, List, NamedTuple, Tuple

import mmaction
import mmengine
import numpy as np
import torch

import mmaction_uda
from mmaction_uda.config import load_config
from mmaction_uda.engine import WorkDir
from mmaction_uda.evaluation import largest_share
from mmaction_uda.evaluation.alarms import UNIFORM
from mmaction_uda.lists import read_list
from mmaction_uda.visualization import (
    Attention,
    flat_attention,
    frame_attention,
    markdown_alarms,
    markdown_table,
    plot_attention,
    plot_curves,
    summarise,
)


class Row(NamedTuple):
    """A config of the quickstart, and what it is in a sentence."""

    config: str
    meaning: str


ROWS = {
    'source-only': Row(
        'source_only_demo',
        'learns from the labels of the source and sees no target video; '
        'what adaptation has to beat',
    ),
    'Baseline': Row(
        'baseline_demo',
        'the same encoder, with an adversarial domain loss and the entropy '
        'of target predictions',
    ),
    'TransferAttn': Row(
        'transferattn_demo',
        'Baseline with MDTA, an attention over frames, in the last block, '
        'and the information bottleneck',
    ),
    'oracle (target labels)': Row(
        'oracle_demo',
        'learns from the labels of the target, which adaptation does not '
        'have; the upper bound',
    ),
}
BOUNDS = 'source-only', 'oracle (target labels)'
SEED = 0  # of the rendering and of the trainings
TOOLS = osp.dirname(osp.realpath(__file__))
DOCS = osp.join(osp.dirname(TOOLS), 'docs')
READING = (
    'How to read it: top-1 on {n} target test videos, where chance is '
    '{chance:.1f} %, belongs between source-only and the oracle; with one '
    'seed, differences below {noise:.1f} points, 2 × sqrt(p(1 − p)/n), are '
    'noise.'
)


def write_report(runs: Dict[str, List[str]], work_dir: str) -> Tuple[str, str]:
    """Write the page and the pictures of finished trainings.

    Args:
        runs (dict): ``{row of ROWS: work_dirs of its seeds}``.
        work_dir (str): Where the report goes.

    Returns:
        tuple: The table with the alarms below, and how to read it.
    """
    folder = runs['TransferAttn'][0]
    cfg = load_config(ROWS['TransferAttn'].config)
    cfg.work_dir = folder
    checkpoint = WorkDir(cfg).checkpoints()[0]
    n, chance = size_and_chance(cfg.test_dataloader.dataset.videos.ann_file)
    found = frame_attention(cfg, checkpoint)
    plot_attention(found, osp.join(work_dir, 'attention.png'))
    title = f'Rendered source → target: {n} target test videos, seed {SEED}'
    curves = osp.join(work_dir, 'curves.png')
    plot_curves(runs, BOUNDS, chance, title, curves)
    table = markdown_table(runs, bounds=BOUNDS) + markdown_alarms(runs, BOUNDS)
    reading = READING.format(n=n, chance=chance, noise=noise(runs, n))
    with open(osp.join(TOOLS, '_report.txt'), encoding='utf-8') as file:
        text = file.read().format(
            n=n,
            table=table,
            reading=reading,
            **attention(found['target']),
            **constants(),
            **places(work_dir, checkpoint, found['target'].name),
        )
    # What the terminal shows as a name is a link here.
    docs = osp.relpath(DOCS, work_dir)
    text = re.sub(r'\(docs/(\w+)\.md\)', rf'([\1]({docs}/\1.md))', text)
    with open(osp.join(work_dir, 'README.md'), 'w', encoding='utf-8') as file:
        file.write(text)
    return table, reading


def size_and_chance(ann_file: str) -> Tuple[int, float]:
    """Size of a list, and the share of its largest class in percent."""
    labels = [line.label for line in read_list(ann_file)]
    return len(labels), 100 * largest_share(labels)


def noise(runs: Dict[str, List[str]], n: int) -> float:
    """Two standard errors of the adaptations' mean accuracy, in points."""
    adapted = [summarise(runs[m])['top1'] for m in runs if m not in BOUNDS]
    p = float(np.mean(adapted))
    return 2 * (p * (100 - p) / n) ** 0.5


def attention(video: Attention) -> Dict[str, object]:
    """What the picture of it shows, in a sentence, and the scale."""
    total, flat = len(video.spreads), int((video.spreads < UNIFORM).sum())
    median = np.median(video.spreads)
    sentence = flat_attention(video.spreads) or (
        f'The weights move in {total - flat} of {total} target test videos; '
        f'the median spread is {median:.2g}.'
    )
    most = (len(video.weights) - 1) ** 0.5
    return dict(attention=sentence, flat=UNIFORM, most=most)


def constants() -> Dict[str, object]:
    """What is the same in every report."""
    rows = [f'- **{m}** (`{r.config}`): {r.meaning}.' for m, r in ROWS.items()]
    versions = dict(
        Python=platform.python_version(),
        torch=torch.__version__,
        mmengine=mmengine.__version__,
        mmaction2=mmaction.__version__,
        mmaction_uda=mmaction_uda.__version__,
    )
    return dict(
        seed=SEED,
        rows='\n'.join(rows),
        configs=' '.join(row.config for row in ROWS.values()),
        committed=committed(),
        versions=', '.join(f'{k} {v}' for k, v in versions.items()),
    )


def committed() -> str:
    """The same rows in docs/results.md."""
    with open(osp.join(DOCS, 'results.md'), encoding='utf-8') as file:
        clean = file.read().partition('\n## Clean\n')[2].partition('\n## ')[0]
    cells = [(line, line.split('|')) for line in clean.splitlines()]
    wanted = ('method', '---', *ROWS)
    return '\n'.join(
        line for line, (_, *row) in cells if row and row[0].strip() in wanted
    )


def places(work_dir: str, checkpoint: str, video: str) -> Dict[str, str]:
    """Paths, as they are typed where this was run, and in links."""
    typed = dict(
        tools=osp.relpath(TOOLS),
        work=work_dir,
        checkpoint=checkpoint,
        video=video,
    )
    found = {name: shlex.quote(path) for name, path in typed.items()}
    return dict(docs=osp.relpath(DOCS, work_dir), **found)
