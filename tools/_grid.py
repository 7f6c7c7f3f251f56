"""Trainings of several configs with several seeds, side by side."""

import os
import os.path as osp
import time
from collections import Counter
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache, partial
from itertools import chain, product
from typing import Dict, Iterator, List, Optional, Sequence, Tuple

from _child import run_tool
from cli import config_name, parsed
from rich.progress import TaskID

from mmaction_uda.config import load_config
from mmaction_uda.engine import (
    Start,
    Wish,
    WorkDir,
    examine,
    open_stages,
    stage_config,
)
from mmaction_uda.faults import Faults, gathered
from mmaction_uda.progress import Progress


@cache
def stage_files(config: str) -> Dict[str, str]:
    """Configs of the stages that come before a config, by name."""
    cfg = load_config(config)
    return {name: stage_config(cfg, name) for name in cfg.get('stages', {})}


def environment(seed: int) -> Dict[str, str]:
    """What a config of the embedded benchmark reads its seed from."""
    return dict(DEMO_SEED=str(seed))


@contextmanager
def in_environment(values: Dict[str, str]) -> Iterator[None]:
    """Read configs as a tool does that is begun with these variables."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


class Grid:
    """Configs x seeds.

    Args:
        configs (list[str]): Configs.
        seeds (list[int]): Random seeds.
        work_dir (str): Where everything goes.
        jobs (int): Trainings at a time; they share the cores.
        options (list[str]): ``key=value`` for ``--cfg-options``, not for
            stages.
        stage_dir (str, optional): Where stages go, by default ``work_dir``.
        threads (int): Of each training. The last bits of its numbers depend
            on them, not on ``jobs``. Defaults to 1.
        overwrite (bool): Train anew where another training lies. Defaults to
            False.

    Raises:
        Faults: For configs that cannot be read, or have one name; for
            trainings with other settings in their directories.
    """

    def __init__(
        self,
        configs: List[str],
        seeds: List[int],
        work_dir: str,
        jobs: int = 2,
        options: Sequence[str] = (),
        stage_dir: Optional[str] = None,
        threads: int = 1,
        overwrite: bool = False,
    ) -> None:
        self.configs, self.seeds = configs, list(dict.fromkeys(seeds))
        self.stage_dir = stage_dir or work_dir
        self.work_dir, self.jobs = work_dir, jobs
        self.options, self.threads = options, threads
        self.overwrite = overwrite
        self._check()

    def _check(self) -> None:
        faults: List[str] = []
        for name, number in Counter(map(config_name, self.configs)).items():
            if number > 1:
                same = [c for c in self.configs if config_name(c) == name]
                faults.append(
                    f'{" and ".join(same)} would share the folder '
                    f'{osp.join(self.work_dir, name)}. Rename one of them, '
                    'or leave it out.'
                )
        stages: List[str] = []
        for config in self.configs:
            with gathered(faults):
                load_config(config, parsed(self.options))
                stages += stage_files(config).values()
        self._starts: Dict[Tuple[str, int], Optional[Start]] = {}
        if not faults:
            self._compare([*stages, *self.configs], faults)
        if faults:
            raise Faults(*faults)

    def _compare(self, configs: Sequence[str], faults: List[str]) -> None:
        """Find out how trainings are to begin."""
        for config, seed in product(dict.fromkeys(configs), self.seeds):
            with gathered(faults):
                self._starts[config, seed] = self._start(config, seed)

    def _start(self, config: str, seed: int) -> Optional[Start]:
        """How a training is to begin; None if nothing is there.

        Raises:
            Faults: If its directory holds another one.
        """
        folder = self.folder(config, seed)
        if not osp.isdir(folder):
            return None
        with in_environment(environment(seed)):
            options = parsed(self._options(config, seed)[1:])
            cfg = load_config(config, options)
        cfg.work_dir, cfg.launcher = folder, 'none'
        open_stages(cfg)
        cfg.randomness.seed = seed
        WorkDir(cfg).check_free()
        # What is finished and the same stays, also with --overwrite.
        anew = self.overwrite
        wish = Wish(not anew, overwrite=anew, stage=anew, longer=False)
        return examine(cfg, wish)

    def folder(self, config: str, seed: int) -> str:
        """Work directory of one training."""
        root = self.work_dir if config in self.configs else self.stage_dir
        return osp.join(root, config_name(config), f'seed{seed}')

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
        faults: List[str] = []
        self._compare([*chain(*kinds)], faults)  # other grids share them
        if faults:
            raise Faults(*faults)
        with (
            Progress() as self.progress,
            ThreadPoolExecutor(self.jobs) as pool,
        ):
            self._make_data(self.configs[:1])
            self._train_all(pool, sorted(set(chain(*kinds))))
            self._make_data([c for stages, c in kinds.items() if stages])
            self._train_all(pool, self.configs)
        return runs

    def _make_data(self, configs: List[str]) -> None:
        """On all cores, before trainings run side by side."""
        for seed, config in product(self.seeds, configs):
            run_tool(
                'extract_features.py',
                [config, *self._options(config, seed)],
                environment(seed),
                os.cpu_count() or 1,
                osp.join(self.work_dir, f'data_seed{seed}.log'),
                partial(self._show_list, {}),
            )

    def _show_list(
        self,
        bars: Dict[Optional[str], TaskID],
        name: Optional[str],
        done: int,
        total: int,
    ) -> None:
        """How far a list of videos is; each has its bar."""
        if name not in bars:
            bars[name] = self.progress.add_task(name or '', total=total)
        self.progress.update(bars[name], completed=done)

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
        begun = self._starts[config, seed]
        if begun is not None and begun.finished:
            return
        folder = self.folder(config, seed)
        name = osp.relpath(folder, self.work_dir)
        task = self.progress.add_task(name, total=None, unit='epochs')

        def show(name: Optional[str], done: int, total: int) -> None:
            if name is None:
                self.progress.update(task, completed=done, total=total)

        start = time.time()
        anew = begun is not None and begun.clear
        mode = '--overwrite' if anew else '--resume'
        options = ['--seed', str(seed), mode]
        run_tool(
            'train.py',
            [
                *(config, '--work-dir', folder, *options),
                *self._options(config, seed),
            ],
            environment(seed),
            self.threads,
            osp.join(folder, 'output.log'),
            show,
        )
        with open(osp.join(folder, 'finished'), 'w') as file:
            file.write(f'{time.time() - start:.0f} s\n')
