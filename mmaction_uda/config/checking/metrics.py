"""Metrics that evaluators compute, and what is chosen by them."""

from typing import Any, Iterator, List, Mapping, Optional

from mmaction.registry import METRICS

from ...evaluation.validators import OF_TARGET, PREFIX, VALIDATORS
from ...spelling import advice
from ..names import short
from .reading import argument_of, dict_at, dicts

ACCURACIES = ('AccMetric', 'ClassAccMetric')
# What they call the results of its metrics.
RESULTS = {
    'top_k_accuracy': 'top{}',
    'mean_class_accuracy': 'mean1',
    'mean_average_precision': 'mean_average_precision',
    'mmit_mean_average_precision': 'mmit_mean_average_precision',
}


def metric_faults(cfg: Mapping) -> Iterator[str]:
    """Metrics and results that are not there.

    Args:
        cfg (dict): A config as our tools read it.
    """
    for place in ('val_evaluator', 'test_evaluator'):
        yield from _metrics(place, cfg)
    yield from _best(cfg)


def _metrics(place: str, cfg: Mapping) -> Iterator[str]:
    """Names of metrics, which are a text or a tuple."""
    for path, node in dicts(place, cfg.get(place)):
        if node.get('type') not in ACCURACIES:
            continue
        names = argument_of(node, METRICS, 'metric_list')
        topk = dict_at(node, 'metric_options', 'top_k_accuracy').get('topk', 1)
        tuples = {
            'metric_list': names,
            'metric_options.top_k_accuracy.topk': topk,
        }
        for key, value in tuples.items():
            if isinstance(value, list):
                end = ',' * (len(value) == 1)
                yield (
                    f'{path}.{key}={short(value)} must be one value or a '
                    f'tuple. Write "({", ".join(map(str, value))}{end})".'
                )
        for name in [names] if isinstance(names, str) else names or ():
            if name not in RESULTS:
                yield (
                    f'{path}.metric_list={short(names)}: there is no metric '
                    f'{name!r}. {_meant(str(name), list(RESULTS))}'
                )


def _best(cfg: Mapping) -> Iterator[str]:
    """What the best checkpoint is chosen by."""
    hook = dict_at(cfg, 'default_hooks', 'checkpoint')
    wanted, known = hook.get('save_best'), _results(cfg.get('val_evaluator'))
    if not wanted or known is None:
        return
    scores = _scores(cfg)
    for name in [wanted] if isinstance(wanted, str) else wanted:
        if name in scores and not hook.get('rule'):
            yield (
                f'default_hooks.checkpoint.save_best={short(wanted)} does not '
                'say whether more is better. Add '
                "default_hooks.checkpoint.rule='greater'."
            )
        elif name not in ('auto', *known, *scores):
            yield (
                f'default_hooks.checkpoint.save_best={short(wanted)}: '
                f'val_evaluator gives no {name!r}. {_meant(str(name), known)}'
            )


def _scores(cfg: Mapping) -> List[str]:
    """Names of the scores without target labels."""
    val_cfg = dict_at(cfg, 'val_cfg')
    if val_cfg.get('type') != 'UDAValLoop':
        return []
    names = VALIDATORS if val_cfg.get('source') else OF_TARGET
    return [f'{PREFIX}/{name}' for name in names]


def _results(evaluator: Any) -> Optional[List[str]]:
    """Names of all results, None if they are not known."""
    found = []
    for node in evaluator if isinstance(evaluator, list) else [evaluator]:
        if dict_at(node).get('type') not in ACCURACIES:
            return None
        names = argument_of(node, METRICS, 'metric_list')
        options = argument_of(node, METRICS, 'metric_options')
        topk = dict_at(options, 'top_k_accuracy').get('topk', (1, 5))
        for name in [names] if isinstance(names, str) else names:
            if name not in RESULTS:
                return None  # told by itself
            for k in [topk] if isinstance(topk, int) else topk:
                result = RESULTS[name].format(k)
                found.append(f'{node.get("prefix") or "acc"}/{result}')
    return list(dict.fromkeys(found))


def _meant(name: str, known: List[str]) -> str:
    return advice(name, known, f'Known are {", ".join(known)}.')
