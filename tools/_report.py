"""The report of tools/quickstart.py: a text, a page, two pictures."""

import os.path as osp
import re
import shlex
from typing import Any, Dict, List, NamedTuple, Tuple

import numpy as np

from mmaction_uda.config import load_config
from mmaction_uda.engine import WorkDir
from mmaction_uda.engine.provenance import versions
from mmaction_uda.evaluation.alarms import UNIFORM
from mmaction_uda.visualization.figures import KINDS, save
from mmaction_uda.visualization.report import gather, to_markdown, write_report


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
# Beside the page.
PICTURES = ('curves', 'png'), ('curves', 'svg'), ('attention', 'png')
SEED = 0  # of the rendering and of the trainings
TOOLS = osp.dirname(osp.realpath(__file__))
DOCS = osp.join(osp.dirname(TOOLS), 'docs')
READING = (
    'How to read it: top-1 on {n} target test videos, where chance is '
    '{chance:.1f} %, belongs between source-only and the oracle; with one '
    'seed, differences below {noise:.1f} points, 2 × sqrt(p(1 − p)/n), are '
    'noise.'
)


def write_all(runs: Dict[str, List[str]], work_dir: str) -> Tuple[str, str]:
    """Write the text, the page and the pictures of finished trainings.

    Args:
        runs (dict): ``{row of ROWS: work_dirs of its seeds}``.
        work_dir (str): Where the report goes.

    Returns:
        tuple: The table with the alarms below, and how to read it.
    """
    facts = gather(runs, *BOUNDS, models=True, thumbnails=True)
    if facts['missing']:
        raise ValueError('\n'.join(facts['missing']))
    write_report(facts, work_dir, f'Quickstart, seed {SEED}')
    for kind, ending in PICTURES:
        save(KINDS[kind](facts), osp.join(work_dir, f'{kind}.{ending}'))
    cfg = load_config(ROWS['TransferAttn'].config)
    cfg.work_dir = runs['TransferAttn'][0]
    checkpoint = WorkDir(cfg).checkpoints()[0]
    (tested,) = facts['lists']
    table = to_markdown(facts)
    reading = READING.format(**tested, noise=noise(facts))
    video = facts['models']['TransferAttn']['attention']['target']
    with open(osp.join(TOOLS, '_report.txt'), encoding='utf-8') as file:
        text = file.read().format(
            n=tested['n'],
            table=table,
            reading=reading,
            attention=facts['models']['TransferAttn']['attention_line'],
            flat=UNIFORM,
            most=(len(video['weights']) - 1) ** 0.5,
            **constants(),
            **places(work_dir, checkpoint, video['name']),
        )
    # What the terminal shows as a name is a link here.
    docs = osp.relpath(DOCS, work_dir)
    text = re.sub(r'\(docs/(\w+)\.md\)', rf'([\1]({docs}/\1.md))', text)
    with open(osp.join(work_dir, 'README.md'), 'w', encoding='utf-8') as file:
        file.write(text)
    return table, reading


def noise(facts: Dict[str, Any]) -> float:
    """Two standard errors of the adaptations' mean accuracy, in points."""
    methods, (tested,) = facts['methods'], facts['lists']
    adapted = [
        m['top1']['mean'] for n, m in methods.items() if n not in BOUNDS
    ]
    p = float(np.mean(adapted))
    return 2 * (p * (100 - p) / tested['n']) ** 0.5


def constants() -> Dict[str, object]:
    """What is the same in every report."""
    rows = [f'- **{m}** (`{r.config}`): {r.meaning}.' for m, r in ROWS.items()]
    return dict(
        seed=SEED,
        rows='\n'.join(rows),
        configs=' '.join(row.config for row in ROWS.values()),
        committed=committed(),
        versions=', '.join(f'{k} {v}' for k, v in versions().items()),
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
