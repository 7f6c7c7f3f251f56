"""The main job on the embedded benchmark: render, train, compare, draw."""

import os.path as osp
import time

from mmengine.config import Config
from rich.console import Console
from rich.markdown import Markdown
from run_grid import Grid

from mmaction_uda.visualization import (
    frame_attention,
    markdown_table,
    plot_attention,
    plot_curves,
)

ROOT = osp.dirname(osp.dirname(osp.abspath(__file__)))
WORK_DIR = 'work_dirs/quickstart'
METHODS = {
    'source-only': 'source_only_demo',
    'Baseline': 'baseline_demo',
    'TransferAttn': 'transferattn_demo',
    'oracle (target labels)': 'oracle_demo',
}
REPORT = """# Quickstart: rendered source → target

Accuracy on the target test set, in percent, last epoch, one seed.

{table}

![target accuracy over epochs](curves.png)

Frame attention of TransferAttn on one target video ({video}):

![frame attention](attention.png)
"""


def main() -> None:
    """Run and report."""
    start = time.time()
    configs = {
        m: osp.join(ROOT, 'configs', f'{c}.py') for m, c in METHODS.items()
    }
    runs = Grid(list(configs.values()), [0], WORK_DIR).run()
    runs = {method: runs[config] for method, config in configs.items()}
    table = markdown_table(
        runs, bounds=('source-only', 'oracle (target labels)')
    )
    plot_curves(runs, osp.join(WORK_DIR, 'curves.png'))

    folder = runs['TransferAttn'][0]
    with open(osp.join(folder, 'last_checkpoint')) as file:
        checkpoint = file.read().strip()
    frames, weights, video = frame_attention(
        Config.fromfile(configs['TransferAttn']), checkpoint, index=0
    )
    plot_attention(
        frames,
        weights,
        osp.basename(video),
        osp.join(WORK_DIR, 'attention.png'),
    )
    report = osp.join(WORK_DIR, 'README.md')
    with open(report, 'w') as file:
        file.write(REPORT.format(table=table, video=osp.basename(video)))
    Console().print(Markdown(table))
    print(
        f'written: {report}, curves.png, attention.png; '
        f'{time.time() - start:.0f} s in all'
    )


if __name__ == '__main__':
    main()
