"""Train every config with every seed; finished trainings are skipped.

A training lies in ``WORK_DIR/<config>/seed<n>`` and is one call of
tools/train.py; an interrupted one is resumed. For the embedded benchmark the
seed is also that of the rendering (DEMO_SEED).
"""

import argparse
import os
import os.path as osp
import re
import subprocess
import sys
import time
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import cache
from itertools import chain, product
from typing import Callable, Dict, List, Optional, Sequence

from mmengine.config import Config
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
)

TOOLS = osp.dirname(osp.abspath(__file__))


def run_tool(
    tool: str,
    args: Sequence[str],
    env: Dict[str, str],
    log: str,
    on_line: Callable[[str], None] = lambda line: None,
) -> None:
    """Run one of our tools; on failure show the end of its log.

    Args:
        tool (str): File name in tools/.
        args (Sequence[str]): Its arguments.
        env (dict): Added to the environment.
        log (str): The file that takes what it prints.
        on_line (Callable): Called with every line it prints.
    """
    os.makedirs(osp.dirname(log), exist_ok=True)
    with (
        open(log, 'w') as out,
        subprocess.Popen(
            [sys.executable, osp.join(TOOLS, tool), *args],
            env={**os.environ, **env},
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        ) as process,
    ):
        for line in process.stdout:
            out.write(line)
            out.flush()
            on_line(line)
    if process.returncode:
        tail = ''.join(open(log).readlines()[-15:])
        raise RuntimeError(
            f'{tool} {" ".join(args)} failed, see {log}:\n{tail}'
        )


@cache
def stage_files(config: str) -> Dict[str, str]:
    """Configs of the stages that come before a config, by name."""
    stages = Config.fromfile(config).get('stages', {})
    folder = osp.dirname(config)
    return {n: osp.join(folder, s['config']) for n, s in stages.items()}


class Grid:
    """Configs x seeds.

    Args:
        configs (list[str]): Config files.
        seeds (list[int]): Random seeds.
        work_dir (str): Where everything goes.
        jobs (int): Trainings at a time; they share the cores.
        options (list[str]): ``key=value`` for ``--cfg-options``, not for
            stages.
        stage_dir (str, optional): Where stages go, by default ``work_dir``.
    """

    def __init__(
        self,
        configs: List[str],
        seeds: List[int],
        work_dir: str,
        jobs: int = 2,
        options: Sequence[str] = (),
        stage_dir: Optional[str] = None,
    ) -> None:
        self.configs, self.seeds = configs, seeds
        self.stage_dir = stage_dir or work_dir
        self.work_dir, self.jobs = work_dir, jobs
        self.options = options
        self.progress = Progress(
            TextColumn('{task.description}'),
            BarColumn(),
            TaskProgressColumn(),
            TimeElapsedColumn(),
        )

    def folder(self, config: str, seed: int) -> str:
        """Work directory of one training."""
        name = osp.splitext(osp.basename(config))[0]
        root = self.work_dir if config in self.configs else self.stage_dir
        return osp.join(root, name, f'seed{seed}')

    def run(self) -> Dict[str, List[str]]:
        """Make the data, then train all.

        Returns:
            dict: ``{config: [work directory of each seed]}``.
        """
        runs = {
            c: [self.folder(c, s) for s in self.seeds] for c in self.configs
        }
        # Configs that begin with the same stages share them, and the tokens
        # made with them: one config of each kind stands for the others.
        kinds = {tuple(stage_files(c).values()): c for c in self.configs[::-1]}
        with self.progress, ThreadPoolExecutor(self.jobs) as pool:
            self._make_data(self.configs[:1])
            self._train_all(pool, sorted(set(chain(*kinds))))
            self._make_data([c for stages, c in kinds.items() if stages])
            self._train_all(pool, self.configs)
        return runs

    def _make_data(self, configs: List[str]) -> None:
        """On all cores, before trainings run side by side."""
        for seed, config in product(self.seeds, configs):
            task = self.progress.add_task(f'data, seed {seed}', total=None)
            run_tool(
                'extract_features.py',
                [config, *self._options(config, seed)],
                self._env(seed, 1),
                osp.join(self.work_dir, f'data_seed{seed}.log'),
            )
            self.progress.update(task, total=1, completed=1)

    def _train_all(self, pool: Executor, configs: List[str]) -> None:
        runs = product(self.seeds, configs)
        list(pool.map(lambda run: self._train(*run[::-1]), runs))

    def _options(self, config: str, seed: int) -> List[str]:
        """What follows ``--cfg-options``, and this itself, if anything."""
        options = list(self.options) if config in self.configs else []
        for name, file in stage_files(config).items():
            options += [
                f'stages.{name}.work_dir={self.folder(file, seed)}',
                f'stages.{name}.randomness.seed={seed}',
            ]
        return ['--cfg-options', *options] if options else []

    def _train(self, config: str, seed: int) -> None:
        folder = self.folder(config, seed)
        done = osp.join(folder, 'finished')
        if osp.exists(done):
            return
        task = self.progress.add_task(
            osp.relpath(folder, self.work_dir),
            total=Config.fromfile(config).train_cfg.max_epochs,
        )

        def show(line: str) -> None:
            epoch = re.search(r'Saving checkpoint at (\d+) epochs', line)
            if epoch:
                self.progress.update(task, completed=int(epoch[1]))

        start = time.time()
        run_tool(
            'train.py',
            [
                config,
                '--work-dir',
                folder,
                '--seed',
                str(seed),
                '--resume',
                *self._options(config, seed),
            ],
            self._env(seed, self.jobs),
            osp.join(folder, 'output.log'),
            show,
        )
        with open(done, 'w') as file:
            file.write(f'{time.time() - start:.0f} s\n')

    def _env(self, seed: int, jobs: int) -> Dict[str, str]:
        threads = max(1, (os.cpu_count() or 1) // jobs)
        return dict(DEMO_SEED=str(seed), OMP_NUM_THREADS=str(threads))


def main() -> None:
    """Run the grid of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('configs', nargs='+', help='config files')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--work-dir', default='work_dirs/grid')
    parser.add_argument(
        '--jobs', type=int, default=2, help='trainings at a time'
    )
    parser.add_argument(
        '--cfg-options',
        nargs='+',
        default=[],
        help='override settings: key=value',
    )
    args = parser.parse_args()
    Grid(
        args.configs, args.seeds, args.work_dir, args.jobs, args.cfg_options
    ).run()


if __name__ == '__main__':
    main()
