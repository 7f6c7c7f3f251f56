"""Every number of shipped configs is given what it cannot be."""

import math

import pytest
from helpers.faults import leaves, replaced
from mmengine.config import Config, ConfigDict

from mmaction_uda.config import load_config
from mmaction_uda.config.checking import check_settings

QUICK = [
    'transferattn_demo',
    'ta3n_demo',
    'transvae_i3d_ucf2hmdb',
    'cleanadapt_ts_demo',
    'udavt_stam_ucf2hmdb',
    'transferattn_r50i3d_ucf2hmdb_end2end',
]
MORE = [
    'ma2ltd_demo',
    'mmd_demo',
    'transferattn_multimodal_demo',
    'transferattn_source_free_demo',
    'transvae_sprites',
    'ta3n_r101_ucf2hmdb',
    'transferattn@videoswin_hmdb2ucf',
    'transferattn@timesformer_ucf2hmdb',
    'dann@stam_hmdb2ucf@small_data',
]
KINDS = dict(
    text='abc',
    nan=math.nan,
    infinite=-math.inf,
    negative=-7,
    zero=0,
    nested=[[1]],
)
# Of these, -7 is a number as any other, or means never.
NEGATIVE = {'mean', 'bias', 'first', 'interval', 'max_keep_ckpts'}
NEGATIVE |= {'opencv_num_threads'}
POSITIVE = set(
    """
    lr batch_size max_epochs val_interval num_classes num_frames num_views
    embed_dims depth num_heads in_channels hidden_channels feature_scale std
    window_size T_max size crop_size clip_len num_clips base_batch_size
    """.split()
)
# Lists of numbers, or of lists of numbers.
LISTS = {'topk', 'scale', 'crop_size'}


def name_of(path: tuple) -> str:
    """The argument that a number belongs to."""
    return next(k for k in path[::-1] if isinstance(k, str))


def is_wrong(kind: str, path: tuple) -> bool:
    """Whether no config can mean it."""
    name = name_of(path)
    if name == 'inflate':  # lists of lists, of a net of others
        return False
    if kind == 'zero':
        return name in POSITIVE
    if kind == 'nested' and (name in LISTS or isinstance(path[-1], int)):
        return False
    if kind == 'nested' and 'backbone' in path[2:]:  # a net of others
        return False
    return kind != 'negative' or name not in NEGATIVE


def numbers(cfg: Config) -> list:
    """Paths of all numbers."""
    return [
        path
        for path, value in leaves(cfg._cfg_dict.to_dict())
        if isinstance(value, (int, float)) and not isinstance(value, bool)
    ]


def told(path: tuple, said: list) -> bool:
    """Whether a line begins with a setting, or the list that it is in."""
    while isinstance(path[-1], int):
        path = path[:-1]
    start = '.'.join(map(str, path))
    return any(line.startswith(f'{start}=') for line in said)


def changed(cfg: Config, changes: dict) -> list:
    """What is said of a config with other values, by their paths."""
    content = cfg._cfg_dict.to_dict()
    for path, value in changes.items():
        content = replaced(content, path, value)
    other = Config(ConfigDict(content))
    return check_settings(other)


def check_numbers(name: str, kind: str, record_property) -> None:
    cfg = load_config(name)
    wrong = [path for path in numbers(cfg) if is_wrong(kind, path)]
    said = changed(cfg, dict.fromkeys(wrong, KINDS[kind]))
    silent = ['.'.join(map(str, p)) for p in wrong if not told(p, said)]
    assert wrong and not silent
    record_property('tried: bad numbers in configs', len(wrong))


@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('name', QUICK)
def test_numbers_that_cannot_be(name, kind, record_property):
    """All at once; each is told by its path and value."""
    check_numbers(name, kind, record_property)


@pytest.mark.full
@pytest.mark.parametrize('kind', KINDS)
@pytest.mark.parametrize('name', MORE)
def test_numbers_of_more_configs(name, kind, record_property):
    check_numbers(name, kind, record_property)


@pytest.mark.full
@pytest.mark.parametrize('kind', ['text', 'nan'])
def test_one_by_one(kind, record_property):
    """No fault needs another one to be found."""
    cfg = load_config('transferattn_demo')
    for path in numbers(cfg):
        said = changed(cfg, {path: KINDS[kind]})
        assert told(path, said) and len(said) < 3, said
    record_property('tried: bad numbers in configs', len(numbers(cfg)))
