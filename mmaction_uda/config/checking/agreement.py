"""Settings of different places that must fit each other."""

from typing import Dict, Iterator, List, Mapping, Optional, Sequence, Tuple

from mmaction import registry as host

from ...spelling import advice
from ..names import short
from .metrics import metric_faults
from .reading import argument_of, dict_at, dicts, named_arguments

LOADERS = ('train_dataloader', 'val_dataloader', 'test_dataloader')


def agreement_faults(cfg: Mapping) -> List[str]:
    """What contradicts itself in a config.

    Args:
        cfg (dict): A config as our tools read it; other faults in it are
            not looked at here.
    """
    return [
        *_frames(cfg),
        *_classes(cfg),
        *_streams(cfg),
        *_phases(cfg),
        *_pair(cfg),
        *metric_faults(cfg),
    ]


def view_shape(cfg: Mapping) -> Optional[Tuple[int, int, int]]:
    """Views, frames and channels of an item of training, if known."""
    _, frames = _neck_frames(cfg)
    channels = argument_of(
        dict_at(cfg, 'model', 'neck'), host.MODELS, 'in_channels'
    )
    for place in ('train_dataloader', 'model'):
        for _, node in _samples(place, cfg):
            views = argument_of(node, host.TRANSFORMS, 'num_views')
            frames = argument_of(node, host.TRANSFORMS, 'num_frames')
            return channels and (views, frames, channels)
    return channels and (1, frames or 1, channels)


def _frames(cfg: Mapping) -> Iterator[str]:
    """What a view holds, and what the neck takes."""
    path, expected = _neck_frames(cfg)
    found: Dict[int, List[str]] = {}
    for place in (*LOADERS, 'model'):
        for inner, node in _samples(place, cfg):
            frames = argument_of(node, host.TRANSFORMS, 'num_frames')
            if isinstance(frames, int) and isinstance(expected, int):
                found.setdefault(frames, []).append(inner)
    found.pop(expected or 0, None)
    for frames, where in found.items():
        yield (
            f'{where[0]}.num_frames={frames}{_others(where)} differs from '
            f'{path}.num_frames={expected}. Give all the same number.'
        )


def _samples(place: str, cfg: Mapping) -> Iterator[Tuple[str, Mapping]]:
    for path, node in dicts(place, cfg.get(place)):
        if node.get('type') == 'SampleFeature':
            yield path, node


def _neck_frames(cfg: Mapping) -> Tuple[str, Optional[int]]:
    path, neck = 'model.neck', dict_at(cfg, 'model', 'neck')
    found = argument_of(neck, host.MODELS, 'num_frames')
    if found is None and 'neck' in neck:  # a neck for every modality
        path, neck = f'{path}.neck', dict_at(neck, 'neck')
        found = argument_of(neck, host.MODELS, 'num_frames')
    return path, found


def _classes(cfg: Mapping) -> Iterator[str]:
    """Names of classes, and answers of the classifier."""
    number = dict_at(cfg, 'model', 'cls_head').get('num_classes')
    found: Dict[int, List[str]] = {}
    for place in LOADERS:
        for path, node in dicts(place, cfg.get(place)):
            names = dict_at(node, 'metainfo').get('classes')
            if isinstance(names, (list, tuple)) and isinstance(number, int):
                found.setdefault(len(names), []).append(path)
    found.pop(number or 0, None)
    for names, where in found.items():
        yield (
            f'{where[0]}.metainfo.classes{_others(where)} has {names} names, '
            f'but model.cls_head.num_classes={number}. Name every class, in '
            'the order of the labels.'
        )


def _others(paths: Sequence[str]) -> str:
    """How many more places say the same."""
    more = len(paths) - 1
    return f' (as {more} more place{"s" * (more > 1)})' if more else ''


def _streams(cfg: Mapping) -> Iterator[str]:
    """One file of weights, or one for each of several backbones."""
    wrapper = dict_at(cfg, 'model', 'backbone')
    files = dict_at(wrapper, 'checkpoint')
    net = dict_at(wrapper, 'backbone')
    known = named_arguments(net, host.MODELS)
    parts = [key for key in net if key in known and dict_at(net, key)]
    listed = 'Give one file.'
    if parts:
        listed = f'Its parts are {", ".join(parts)}.'
    for name in files:
        if name not in parts:
            yield (
                f'model.backbone.checkpoint.{name}={short(files[name])} is '
                f'for no part of the backbone. {advice(name, parts, listed)}'
            )


def _phases(cfg: Mapping) -> Iterator[str]:
    """A phase has all of its parts, or none."""
    parts = dict(
        train=('train_dataloader', 'train_cfg', 'optim_wrapper'),
        val=('val_dataloader', 'val_cfg', 'val_evaluator'),
        test=('test_dataloader', 'test_cfg', 'test_evaluator'),
    )
    for names in parts.values():
        missing = [name for name in names if cfg.get(name) is None]
        given = [name for name in names if name not in missing]
        if missing and given:
            yield (
                f'{missing[0]}=None, but {given[0]} is given. Give all of '
                f'{", ".join(names)}, or set all to None.'
            )


def _pair(cfg: Mapping) -> Iterator[str]:
    """Pairs of videos are drawn from two domains."""
    loader = dict_at(cfg, 'train_dataloader')
    if dict_at(loader, 'sampler').get('type') == 'DomainPairSampler':
        pair = dict_at(loader, 'dataset')
        for domain in ('source', 'target'):
            if domain in pair and pair[domain] is None:
                yield (
                    f'train_dataloader.dataset.{domain}=None, but '
                    'train_dataloader.sampler.type=DomainPairSampler draws '
                    'from two domains. Give both, or take DefaultSampler.'
                )
