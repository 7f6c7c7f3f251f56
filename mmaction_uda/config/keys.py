"""Names of settings: which there are, and which was perhaps meant."""

from difflib import get_close_matches
from typing import Iterable, Iterator, List

from .fragments import is_fragment

# What MMEngine's Runner, MMAction2's inferencer and our tools read.
TOP_LEVEL = frozenset(
    """
    model data_preprocessor train_dataloader val_dataloader test_dataloader
    train_cfg val_cfg test_cfg optim_wrapper param_scheduler auto_scale_lr
    val_evaluator test_evaluator default_hooks custom_hooks custom_imports
    default_scope load_from resume launcher env_cfg randomness log_processor
    log_level visualizer vis_backends work_dir experiment_name runner_type
    model_wrapper_cfg find_unused_parameters sync_bn compile strategy
    activation_checkpointing efficient_conv_bn_eval test_pipeline prepare
    stages allow_overlap
    """.split()
)


def paths(value, start: str = '') -> Iterator[str]:
    """Dotted paths of all that lies in a config."""
    items: Iterable[tuple] = ()
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    for key, inner in items:
        path = f'{start}{key}'
        yield path
        yield from paths(inner, f'{path}.')


def meant(key: str, cfg: dict) -> List[str]:
    """Settings that a name which nothing reads perhaps stands for.

    Args:
        key (str): A dotted path.
        cfg (dict): The config. Paths that end as the key does come first,
            then names that are spelt alike.
    """
    known = [p for p in paths(cfg) if not is_fragment(p)]
    words = [word.lstrip('_') for word in key.split('.')]
    for start in range(len(words)):
        end = '.'.join(words[start:])
        for name in (end, end.replace('_', '.')):
            same = [p for p in known if f'.{p}'.endswith(f'.{name}')]
            if same:
                return sorted(same, key=lambda path: path.count('.'))[:3]
    head, *rest = words
    alike = get_close_matches(head, sorted(TOP_LEVEL), 1, 0.7)
    if rest and not alike:  # a new setting in a dict that lies deeper
        alike = [p for p in known if p.endswith(f'.{head}')][:3]
    return ['.'.join([name, *rest]) for name in alike]


def unknown(key: str, cfg: dict, where: str = '') -> str:
    """What is said of a name that nothing reads.

    Args:
        key (str): Its dotted path.
        cfg (dict): The config.
        where (str): The file that sets it, if one does.
    """
    found = meant(key, cfg)
    advice = f'Set {" or ".join(found)}' if found else 'Remove it'
    helper = (
        ''
        if is_fragment(key) or not where
        else ' A name that only helps to build a config begins with an '
        'underscore.'
    )
    return f'{where}{key} is read by nothing. {advice}.{helper}'
