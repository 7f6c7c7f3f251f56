"""Trainings of several configs with several seeds, side by side."""

import os
import os.path as osp
import time
from collections import Counter
from concurrent.futures import Executor, ThreadPoolExecutor
from functools import partial
from itertools import chain, product
from typing import Dict, List, Optional, Sequence, Tuple

from _places import Here, Place
from _plan import Trial
from _surroundings import environment, in_environment, stage_files
from cli import parsed
from mmengine.config import Config
from rich.progress import TaskID

from mmaction_uda.config import load_config
from mmaction_uda.config.checking import check_configs
from mmaction_uda.engine import Start, Wish, WorkDir, examine, open_stages
from mmaction_uda.faults import Faults, gathered
from mmaction_uda.progress import Progress


class Grid:
    """Trials x seeds.

    Args:
        trials (list[Trial]): Configs and what is changed in them, not in
            their stages.
        seeds (list[int]): Random seeds.
        work_dir (str): Where everything goes.
        place (Place, optional): Where trainings run, by default here.
        stage_dir (str, optional): Where stages go, by default ``work_dir``.
        threads (int): Of each training. The last bits of its numbers depend
            on them, not on how many run at a time. Defaults to 1.
        overwrite (bool): Train anew where another training lies. Defaults to
            False.

    Raises:
        Faults: For configs that cannot be read, or have one name; for
            trainings with other settings in their directories.
    """

    def __init__(
        self,
        trials: Sequence[Trial],
        seeds: Sequence[int],
        work_dir: str,
        place: Optional[Place] = None,
        stage_dir: Optional[str] = None,
        threads: int = 1,
        overwrite: bool = False,
    ) -> None:
        self.trials, self.seeds = [*trials], [*dict.fromkeys(seeds)]
        self.place = place or Here()
        self.stage_dir = stage_dir or work_dir
        self.work_dir, self.threads = work_dir, threads
        self.overwrite = overwrite
        self._check()

    def _check(self) -> None:
        faults: List[str] = []
        for name, number in Counter(t.name for t in self.trials).items():
            if number > 1:
                same = [t.config for t in self.trials if t.name == name]
                faults.append(
                    f'{" and ".join(same)} would share the folder '
                    f'{osp.join(self.work_dir, name)}. Rename one of them, '
                    'or leave it out.'
                )
        stages: List[Trial] = []
        for trial in self.trials:
            with gathered(faults):
                options = parsed(trial.options)
                cfg = load_config(trial.config, options)
                if options:  # a setting that nothing reads changes nothing
                    check_configs({trial.name: cfg}, {trial.name: options})
                stages += self.stages(trial).values()
        self.starts: Dict[Tuple[Trial, int], Optional[Start]] = {}
        if not faults:
            self._compare([*stages, *self.trials], faults)
        if faults:
            raise Faults(*faults)

    def _compare(self, trials: Sequence[Trial], faults: List[str]) -> None:
        """Find out how trainings are to begin."""
        for trial, seed in product(dict.fromkeys(trials), self.seeds):
            with gathered(faults):
                self.starts[trial, seed] = self._start(trial, seed)

    def _start(self, trial: Trial, seed: int) -> Optional[Start]:
        """How a training is to begin; None if nothing is there.

        Raises:
            Faults: If its directory holds another one.
        """
        if not osp.isdir(self.folder(trial, seed)):
            return None
        cfg = self.config(trial, seed)
        open_stages(cfg)
        WorkDir(cfg).check_free()
        # What is finished and the same stays, also with --overwrite.
        anew = self.overwrite
        wish = Wish(not anew, overwrite=anew, stage=anew, longer=False)
        return examine(cfg, wish)

    def config(self, trial: Trial, seed: int) -> Config:
        """What a training reads."""
        with in_environment(environment(seed)):
            options = parsed(self._options(trial, seed)[1:])
            cfg = load_config(trial.config, options)
        cfg.work_dir, cfg.launcher = self.folder(trial, seed), 'none'
        cfg.randomness.seed = seed
        return cfg

    def stages(self, trial: Trial) -> Dict[str, Trial]:
        """The trials before it by name; one that is listed itself is that."""
        listed = {t.config: t for t in self.trials if not t.ablation}
        return {
            name: listed.get(file, Trial(file))
            for name, file in stage_files(trial.config).items()
        }

    def folder(self, trial: Trial, seed: int) -> str:
        """Work directory of one training."""
        root = self.work_dir if trial in self.trials else self.stage_dir
        return osp.join(root, trial.name, f'seed{seed}')

    def run(self) -> Dict[str, List[str]]:
        """Make the data, then train all.

        Returns:
            dict: ``{name of a trial: [work directory of each seed]}``.
        """
        # Configs that begin with the same stages share them, and the tokens
        # made with them: one trial of each kind stands for the others.
        kinds = {tuple(self.stages(t).values()): t for t in self.trials[::-1]}
        faults: List[str] = []
        self._compare([*chain(*kinds)], faults)  # other grids share them
        if faults:
            raise Faults(*faults)
        with (
            Progress() as self.progress,
            ThreadPoolExecutor(self.place.jobs) as pool,
        ):
            self._make_data(self._readers())
            self._train_all(pool, sorted(set(chain(*kinds))), 'stages')
            self._make_data([t for stages, t in kinds.items() if stages])
            self._train_all(pool, self.trials, 'trainings')
        return {
            trial.name: [self.folder(trial, s) for s in self.seeds]
            for trial in self.trials
        }

    def _readers(self) -> List[Trial]:
        """A trial for every way to read videos, without stages."""
        kinds: Dict[str, Trial] = {}
        for trial in self.trials:
            reader = [*self.stages(trial).values(), trial][0]
            cfg = load_config(reader.config, parsed(reader.options))
            lists = {**cfg.train_dataloader.dataset}
            lists.update(pipeline=None, keep_target_labels=None)
            kinds.setdefault(str((cfg.model.backbone, lists)), reader)
        return [*kinds.values()]

    def _make_data(self, trials: List[Trial]) -> None:
        """On all cores, before trainings run side by side."""
        for seed, trial in product(self.seeds, trials):
            self.place.run(
                'extract_features.py',
                [trial.config, *self._options(trial, seed)],
                environment(seed),
                os.cpu_count() or 1,
                osp.join(self.work_dir, f'data_{trial.name}_seed{seed}.log'),
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

    def _train_all(
        self, pool: Executor, trials: Sequence[Trial], what: str
    ) -> None:
        runs = [(t, s) for s, t in product(self.seeds, trials)]
        runs = [run for run in runs if not self._is_finished(*run)]
        if not runs:
            return
        every = self.progress.add_task(what, total=len(runs), unit=what)
        for _ in pool.map(lambda run: self._train(*run), runs):
            self.progress.advance(every)

    def _is_finished(self, trial: Trial, seed: int) -> bool:
        begun = self.starts[trial, seed]
        return begun is not None and begun.finished

    def _options(self, trial: Trial, seed: int) -> List[str]:
        """What follows ``--cfg-options``, and this itself, if anything."""
        options = [*trial.options]
        for name, stage in self.stages(trial).items():
            options += [
                f'stages.{name}.work_dir={self.folder(stage, seed)}',
                f'stages.{name}.randomness.seed={seed}',
                *(f'stages.{name}.{option}' for option in stage.options),
            ]
        return ['--cfg-options', *options] if options else []

    def _train(self, trial: Trial, seed: int) -> None:
        begun = self.starts[trial, seed]
        folder = self.folder(trial, seed)
        name = osp.relpath(folder, self.work_dir)
        task = self.progress.add_task(name, total=None, unit='epochs')

        def show(name: Optional[str], done: int, total: int) -> None:
            if name is None:
                self.progress.update(task, completed=done, total=total)

        start = time.time()
        anew = begun is not None and begun.clear
        mode = '--overwrite' if anew else '--resume'
        options = ['--seed', str(seed), mode]
        self.place.run(
            'train.py',
            [
                *(trial.config, '--work-dir', folder, *options),
                *self._options(trial, seed),
            ],
            environment(seed),
            self.threads,
            osp.join(folder, 'output.log'),
            show,
        )
        with open(osp.join(folder, 'finished'), 'w') as file:
            file.write(f'{time.time() - start:.0f} s\n')
