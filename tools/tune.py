"""Tune methods without target labels, each with as many trials.

A trial is a value of every axis of --grid that a method has, drawn without
replacement; all methods get --trials of them. What counts is the score of
the validator (docs/validators.md) after the last epoch, its mean over the
seeds; top-1 on the target is not looked at. Seeds from 100 on, by default:
those below are for the numbers that are reported.
"""

import argparse
import os.path as osp
import random
import re
from itertools import chain, product
from typing import Any, Dict, Iterator, List, Mapping, Tuple

from cli import add_overwrite, config_parser, hush, parsed, positive, told

Setting = Tuple[str, ...]  # key=value


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = config_parser(
        __doc__,
        'python tools/tune.py baseline@demo transferattn@demo --trials 6 '
        '--grid optim_wrapper.optimizer.lr=3e-4,1e-3 '
        'model.loss_entropy.loss_weight=0.03,0.1,0.3',
        several=True,
    )
    parser.add_argument(
        '--grid',
        nargs='+',
        required=True,
        type=axis,
        metavar='key=value,…',
        help='values of each axis; keys joined by + take the same value',
    )
    parser.add_argument(
        '--trials', type=positive, required=True, help='of each method'
    )
    parser.add_argument(
        '--validator', help='a score, by default the best over our tasks'
    )
    parser.add_argument('--seeds', type=int, nargs='+', default=[100, 101])
    parser.add_argument('--work-dir', default='work_dirs/tune')
    parser.add_argument(
        '--jobs',
        type=positive,
        help='trainings at a time: by default one on each GPU, two without',
    )
    add_overwrite(parser)
    args = parser.parse_args()
    if min(args.seeds) < 100:
        parser.error('seeds below 100 are those that are reported')
    return args


def axis(text: str) -> List[Setting]:
    """An axis of the command line, a tuple of ``key=value`` a value."""
    keys, sign, values = text.partition('=')
    if not (keys and sign and values):
        raise argparse.ArgumentTypeError(f'{text}: give key=value,value')
    # Commas inside brackets belong to a value.
    parts = re.split(r',(?![^(\[]*[)\]])', values)
    return [tuple(f'{k}={v}' for k in keys.split('+')) for v in parts]


def trials(config: str, args: argparse.Namespace) -> List[Setting]:
    """What is tried of a config.

    Raises:
        Faults: If it has fewer settings than ``--trials``.
    """
    from mmaction_uda.config import load_config
    from mmaction_uda.faults import Faults

    cfg = load_config(config, parsed(args.cfg_options))
    axes = [a for a in args.grid if all(has(cfg, a[0]))]
    settings = [tuple(chain(*setting)) for setting in product(*axes)]
    if len(settings) < args.trials:
        keys = [setting.partition('=')[0] for a in axes for setting in a[0]]
        raise Faults(
            f'--trials {args.trials}: {config} has {len(settings)} settings '
            f'of {", ".join(keys) or "no axis"}. Give its axes more values, '
            'or try fewer.'
        )
    found = random.Random(0).sample(settings, args.trials)
    return sorted(found, key=settings.index)


def has(cfg: Mapping, setting: Setting) -> Iterator[bool]:
    """Whether a config has the parts whose keys a setting names."""
    for text in setting:
        found: Any = cfg
        path = text.partition('=')[0].split('.')
        for name in path[:-1]:  # a part may leave the last to its class
            found = found.get(name) if hasattr(found, 'get') else None
        yield found is not None


def check(tried: Dict[str, List[Setting]], args: argparse.Namespace) -> None:
    """Refuse trials that nothing reads, before the first is trained."""
    from mmaction_uda.config import load_config
    from mmaction_uda.config.checking import check_settings
    from mmaction_uda.faults import Faults

    faults: List[str] = []
    for config, settings in tried.items():
        for setting in settings:
            options = parsed([*args.cfg_options, *setting])
            found = check_settings(load_config(config, options), options)
            faults += [f'{config}: {fault}' for fault in found]
    if faults:
        raise Faults(*dict.fromkeys(faults))


def main() -> None:
    """Train all trials, print them by score, the best of each method last."""
    args = parse_args()
    with told(args.debug):
        hush(args)
        from mmaction_uda.evaluation import OF_TRAININGS, check_validator

        validator = args.validator or OF_TRAININGS
        check_validator(validator)
        tried = {config: trials(config, args) for config in args.configs}
        check(tried, args)
        results = list(run(tried, args, validator))
    results.sort(key=lambda result: (args.configs.index(result[0]), result[1]))
    print(f'{validator}, mean of seeds {" ".join(map(str, args.seeds))}')
    for config, score, setting in results:
        print(f'{config:32s} {score:9.4f}  {" ".join(setting)}')


def run(
    tried: Dict[str, List[Setting]], args: argparse.Namespace, validator: str
) -> Iterator[Tuple[str, float, Setting]]:
    """Train; give config, score and setting of every trial."""
    from _grid import Grid
    from _places import Here
    from _plan import Trial

    from mmaction_uda.faults import Faults, gathered

    grids: Dict[Setting, Grid] = {}
    faults: List[str] = []
    for setting in dict.fromkeys(chain(*tried.values())):
        configs = [c for c, settings in tried.items() if setting in settings]
        name = '_'.join(s.split('.', 1)[-1] for s in setting)
        with gathered(faults):
            grids[setting] = Grid(
                [Trial(c, (*args.cfg_options, *setting)) for c in configs],
                args.seeds,
                osp.join(args.work_dir, name.replace('/', '-')),
                Here(args.jobs),
                args.work_dir,  # trials share the stages before
                overwrite=args.overwrite,
            )
    if faults:
        raise Faults(*faults)
    for setting, grid in grids.items():
        for trial, folders in zip(grid.trials, grid.run().values()):
            scores = [last_score(folder, validator) for folder in folders]
            yield trial.config, sum(scores) / len(scores), setting


def last_score(folder: str, validator: str) -> float:
    """Score after the last epoch of a training.

    Raises:
        ValueError: If nobody computed it.
    """
    from mmaction_uda.evaluation import PREFIX, read_validations

    *_, values = read_validations(folder).values()
    name = f'{PREFIX}/{validator}'
    if name not in values:
        raise ValueError(
            f'{folder!r}: its validation has no {name}. A config needs '
            "val_cfg.type='UDAValLoop', a target, and for scores of the "
            'source val_cfg.source.'
        )
    return values[name]


if __name__ == '__main__':
    main()
