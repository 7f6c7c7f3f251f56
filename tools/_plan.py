"""What a grid trains: methods x tasks x backbones x ablations, and seeds."""

import argparse
import os.path as osp
from dataclasses import dataclass, field, fields
from typing import Any, Dict, Iterator, List, NamedTuple, Sequence, Tuple

import yaml
from cli import config_name

from mmaction_uda.config.names import CONFIGS
from mmaction_uda.faults import Faults, gathered
from mmaction_uda.spelling import advice

SEEDS = (0, 1, 2)


class Trial(NamedTuple):
    """A config, trained once for every seed.

    Args:
        config (str): A file, an experiment or METHOD@SETTING.
        options (tuple[str]): ``key=value`` for ``--cfg-options``.
        ablation (str): What they are called, if they have a name.
    """

    config: str
    options: Tuple[str, ...] = ()
    ablation: str = ''

    @property
    def name(self) -> str:
        """Of its folder, and of its row in a table."""
        return '+'.join(
            filter(None, (config_name(self.config), self.ablation))
        )


@dataclass
class Plan:
    """What a file ``*.yaml`` or a command line asks for.

    Args:
        configs (list[str]): Configs as they are.
        methods (list[str]): Combined with all backbones and tasks.
        backbones (list[str]): None for tasks that are whole settings, as
            ``demo``.
        tasks (list[str]): Tasks, or settings.
        ablations (dict): ``{name: {key: value}}``; each of all the configs
            is trained so, too.
        seeds (list[int]): Random seeds.
    """

    configs: List[str] = field(default_factory=list)
    methods: List[str] = field(default_factory=list)
    backbones: List[str] = field(default_factory=list)
    tasks: List[str] = field(default_factory=list)
    ablations: Dict[str, Dict[str, Any]] = field(default_factory=dict)
    seeds: List[int] = field(default_factory=list)

    def trials(self, options: Sequence[str] = ()) -> List[Trial]:
        """All that is to be trained, with ``options`` for each.

        Raises:
            Faults: If methods have no tasks, or nothing is to be trained.
        """
        if bool(self.methods) != bool(self.tasks):
            raise Faults('a grid of methods needs methods and tasks.')
        if self.backbones and not self.tasks:
            raise Faults('a grid of backbones needs methods and tasks.')
        settings = (
            [f'{b}_{t}' for t in self.tasks for b in self.backbones]
            if self.backbones
            else self.tasks
        )
        configs = self.configs + [
            f'{method}@{setting}'
            for setting in settings
            for method in self.methods
        ]
        if not configs:
            raise Faults('there is nothing to train: name configs or a plan.')
        changes = {'': {}, **self.ablations}
        return [
            Trial(config, (*options, *_options(change)), name)
            for config in dict.fromkeys(configs)
            for name, change in changes.items()
        ]


def asked_for(args: argparse.Namespace) -> Tuple[List[Trial], List[int]]:
    """Trials and seeds of a command line: its plans, then what it names.

    Options and ablations of the command line are for all of them.

    Raises:
        Faults: For plans that cannot be read, or do not agree on seeds;
            ablations without settings; nothing to train.
    """
    faults: List[str] = []
    ablations = dict(_ablation(each, faults) for each in args.ablation)
    plans: List[Plan] = []
    for name in filter(_is_plan, args.configs):
        with gathered(faults):
            plans.append(read_plan(name))
    configs = [name for name in args.configs if not _is_plan(name)]
    if configs or args.methods or args.backbones or args.tasks or not plans:
        names = args.methods, args.backbones, args.tasks
        plans.append(Plan(configs, *names))
    seeds = {tuple(plan.seeds or SEEDS) for plan in plans}
    if len(seeds) > 1 and not args.seeds:
        faults.append('plans differ in their seeds: name them by --seeds.')
    trials: List[Trial] = []
    for plan in plans:
        with gathered(faults):
            plan.ablations = {**plan.ablations, **ablations}
            trials += plan.trials(args.cfg_options)
    if faults:
        raise Faults(*faults)
    return [*dict.fromkeys(trials)], args.seeds or [*seeds.pop()]


def _is_plan(name: str) -> bool:
    return name.endswith(('.yaml', '.yml'))


def _ablation(
    words: Sequence[str], faults: List[str]
) -> Tuple[str, Dict[str, str]]:
    """``NAME key=value …`` of a command line."""
    name, *changes = words
    pairs = [change.partition('=') for change in changes]
    if '=' in name or not pairs or not all(key and eq for key, eq, _ in pairs):
        faults.append(
            f'--ablation {" ".join(words)}: give NAME and key=value.'
        )
    return name, {key: value for key, _, value in pairs}


def read_plan(path: str) -> Plan:
    """Read a plan; a shipped one by its name, ``table1.yaml``.

    Raises:
        Faults: For a file that is not there, or holds something else.
    """
    shipped = osp.join(CONFIGS, 'grids', osp.basename(path))
    file = path if osp.isfile(path) else shipped
    if not osp.isfile(file):
        raise Faults(f'there is no plan {path!r}, here or in {CONFIGS}/grids.')
    with open(file, encoding='utf-8') as text:
        try:
            found = yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise Faults(f'{file!r} is no YAML: {error}') from error
    faults = [*_faults(file, found)]
    if faults:
        raise Faults(*faults)
    return Plan(**found)


def _faults(file: str, found: Any) -> Iterator[str]:
    if not isinstance(found, dict):
        yield f'{file!r} is no table of {", ".join(_kinds())}.'
        return
    for key, value in found.items():
        if key not in _kinds():
            known = [*_kinds()]
            hint = advice(str(key), known, f'There are {", ".join(known)}.')
            yield f'{file!r}: {key} is read by nothing. {hint}'
        elif key == 'ablations':
            if not isinstance(value, dict) or not all(
                isinstance(change, dict) for change in value.values()
            ):
                yield (
                    f'{file!r}: ablations is to be NAME: {{KEY: VALUE}}, '
                    f'not {value!r}.'
                )
        elif not isinstance(value, list) or not all(
            type(one) is _kinds()[key] for one in value
        ):
            kind = _kinds()[key].__name__
            yield f'{file!r}: {key} is to be a list of {kind}, not {value!r}.'


def _kinds() -> Dict[str, type]:
    names = [f.name for f in fields(Plan)]
    return {name: int if name == 'seeds' else str for name in names}


def _options(change: Dict[str, Any]) -> List[str]:
    return [f'{key}={value}' for key, value in change.items()]
