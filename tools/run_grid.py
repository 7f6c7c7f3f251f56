"""Train every config with every seed; finished trainings are skipped.

A training lies in ``WORK_DIR/<config>/seed<n>`` and is one call of
tools/train.py, interrupted ones are resumed. For the embedded benchmark the
seed is also that of the rendering.
"""
import argparse
import os
import os.path as osp
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import List

from rich.console import Console

TOOLS = osp.dirname(osp.abspath(__file__))


def run_tool(name: str, *args: str, seed: int, threads: int,
             log: str) -> None:
    """Run one of our tools; on failure show the end of its log."""
    env = dict(os.environ, DEMO_SEED=str(seed), OMP_NUM_THREADS=str(threads))
    os.makedirs(osp.dirname(log), exist_ok=True)
    with open(log, 'w') as out:
        code = subprocess.run([sys.executable, osp.join(TOOLS, name), *args],
                              env=env, stdout=out, stderr=out).returncode
    if code:
        tail = ''.join(open(log).readlines()[-15:])
        raise RuntimeError(f'{name} {" ".join(args)} failed, see {log}:\n'
                           f'{tail}')


def config_name(config: str) -> str:
    """``transferattn_demo`` of ``configs/transferattn_demo.py``."""
    return osp.splitext(osp.basename(config))[0]


def grid(configs: List[str], seeds: List[int], work_dir: str, jobs: int,
         options: List[str] = ()) -> dict:
    """Run the grid.

    Args:
        configs (list[str]): Config files.
        seeds (list[int]): Random seeds.
        work_dir (str): Where everything goes.
        jobs (int): Trainings at a time; they share the cores.
        options (list[str]): ``key=value`` for ``--cfg-options``.

    Returns:
        dict: ``{config name: [work_dir of each seed]}``.
    """
    console = Console()
    threads = max(1, (os.cpu_count() or 1) // jobs)
    extra = ['--cfg-options', *options] if options else []

    def train(config: str, seed: int) -> None:
        folder = osp.join(work_dir, config_name(config), f'seed{seed}')
        done = osp.join(folder, 'finished')
        if osp.exists(done):
            return
        start = time.time()
        run_tool('train.py', config, '--work-dir', folder, '--seed',
                 str(seed), '--resume', *extra, seed=seed, threads=threads,
                 log=osp.join(folder, 'output.log'))
        open(done, 'w').close()
        console.print(f'{config_name(config)}, seed {seed}: '
                      f'{time.time() - start:.0f} s')

    # Data once for each seed, on all cores, before trainings run beside.
    for seed in seeds:
        start = time.time()
        with console.status(f'data, seed {seed}'):
            run_tool('extract_features.py', configs[0], *extra, seed=seed,
                     threads=os.cpu_count() or 1,
                     log=osp.join(work_dir, f'data_seed{seed}.log'))
        console.print(f'data, seed {seed}: {time.time() - start:.0f} s')
    todo = [(c, s) for s in seeds for c in configs]
    with console.status(f'{len(todo)} trainings, {jobs} at a time'):
        with ThreadPoolExecutor(jobs) as pool:
            list(pool.map(lambda run: train(*run), todo))
    return {
        config_name(c): [
            osp.join(work_dir, config_name(c), f'seed{s}') for s in seeds
        ]
        for c in configs
    }


def main() -> None:
    """Run the grid of the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('configs', nargs='+', help='config files')
    parser.add_argument('--seeds', type=int, nargs='+', default=[0, 1, 2])
    parser.add_argument('--work-dir', default='work_dirs/grid')
    parser.add_argument('--jobs', type=int, default=2,
                        help='trainings at a time')
    parser.add_argument('--cfg-options', nargs='+', default=[],
                        help='override settings: key=value')
    args = parser.parse_args()
    grid(args.configs, args.seeds, args.work_dir, args.jobs,
         args.cfg_options)


if __name__ == '__main__':
    main()
