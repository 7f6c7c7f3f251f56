"""The main job on the embedded benchmark: render, train, compare, draw.

Four methods with one seed, a table, curves and an attention picture, in
WORK_DIR/README.md. Takes some minutes on two cores; what is finished is not
done again.
"""

import os.path as osp
import time
from typing import Dict, List

from cli import hush, make_parser, told

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


def draw_attention(folder: str, out_file: str) -> str:
    """Draw what TransferAttn looks at; returns the name of the video."""
    from mmaction_uda.config import load_config
    from mmaction_uda.visualization import frame_attention, plot_attention

    with open(osp.join(folder, 'last_checkpoint')) as file:
        checkpoint = file.read().strip()
    cfg = load_config(METHODS['TransferAttn'])
    frames, weights, video = frame_attention(cfg, checkpoint, index=0)
    name = osp.basename(video)
    plot_attention(frames, weights, name, out_file)
    return name


def report(runs: Dict[str, List[str]], work_dir: str) -> str:
    """Write table, alarms and pictures of trainings; returns the former."""
    from mmaction_uda.visualization import (
        markdown_alarms,
        markdown_table,
        plot_curves,
    )

    bounds = 'source-only', 'oracle (target labels)'
    table = markdown_table(runs, bounds=bounds)
    table += markdown_alarms(runs, bounds)
    plot_curves(runs, osp.join(work_dir, 'curves.png'))
    video = draw_attention(
        runs['TransferAttn'][0], osp.join(work_dir, 'attention.png')
    )
    with open(osp.join(work_dir, 'README.md'), 'w') as file:
        file.write(REPORT.format(table=table, video=video))
    return table


def main() -> None:
    """Run and report."""
    parser = make_parser(__doc__, 'python tools/quickstart.py')
    parser.add_argument('--work-dir', default='work_dirs/quickstart')
    args = parser.parse_args()
    start = time.time()
    with told(args.debug):
        hush(args)
        from _grid import Grid
        from rich.console import Console
        from rich.markdown import Markdown

        runs = Grid(list(METHODS.values()), [0], args.work_dir).run()
        table = report({m: runs[c] for m, c in METHODS.items()}, args.work_dir)
        Console().print(Markdown(table))
    print(
        f'written: {osp.join(args.work_dir, "README.md")}, curves.png, '
        f'attention.png; {time.time() - start:.0f} s in all'
    )


if __name__ == '__main__':
    main()
