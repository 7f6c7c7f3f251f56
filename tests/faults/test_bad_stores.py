"""Every field of a feature store, changed: refused by name, or no matter.

What is not refused must give the very tokens that were stored.
"""

from pathlib import Path
from typing import Iterator, Tuple

import numpy as np
import pytest
from helpers.faults import mutated_json, outcome, truncations

from mmaction_uda.datasets import FeatureStore
from mmaction_uda.engine import prepare
from mmaction_uda.engine.checking import check
from mmaction_uda.engine.readings import readings

STORE = Path('data/demo/seed0_distractors0/features/target_train/shift_net')
SHARD = STORE / 'shard_00000.npy'
HEADERS = dict(
    descr=("'<f4'", ["'<f8'", "'>f4'", "'|O'", "'<i4'", "'abc'", '7', 'None']),
    fortran_order=('False', ['True', '7', 'None']),
    shape=(
        '(256, 64)',
        ['(256,)', '(64, 256)', '(255, 64)', '(257, 64)', '(-256, 64)']
        + ['(256, 64, 1)', '()', 'None', "'abc'", '(10**9, 64)']
        + ['(10000000000, 64)', '(True, 64)', '(256.0, 64)'],
    ),
)


@pytest.fixture
def demo(make_config):
    return make_config('source_only_demo')


def tokens(cfg) -> list:
    """Those of the target, as a training reads them."""
    pair = cfg.train_dataloader.dataset.target
    names = [
        line.split()[0]
        for line in Path(pair.videos.ann_file).read_text().splitlines()
    ]
    store = FeatureStore.open(str(STORE), names)
    return [np.array(store[i]) for i in range(len(names))]


def are_tokens(cfg, right: list) -> bool:
    """Whether the store gives these."""
    try:
        return all(map(np.array_equal, tokens(cfg), right))
    except (LookupError, ValueError, OSError):
        return False


def damages() -> Iterator[Tuple[str, Path, bytes]]:
    """All changes: their names, files and contents."""
    for file in (STORE / 'store.json', SHARD.with_suffix('.json')):
        for name, text in mutated_json(file.read_text()):
            yield f'{file.name} {name}', file, text.encode()
        for name, content in truncations(file.read_bytes()):
            yield f'{file.name} {name}', file, content
    whole = SHARD.read_bytes()
    for name, content in truncations(whole):
        yield f'{SHARD.name} {name}', SHARD, content
    rows = np.load(SHARD)
    for field, (right, wrong) in HEADERS.items():
        right = str(rows.shape) if field == 'shape' else right
        for value in wrong:
            content = with_header(whole, f"'{field}': {right}", value)
            yield f'{SHARD.name} {field}={value}', SHARD, content


def with_header(whole: bytes, field: str, value: str) -> bytes:
    """A shard with another value of a field, its header as long."""
    end = 10 + int.from_bytes(whole[8:10], 'little')
    header = whole[10:end].decode()
    assert field in header
    name = field.partition(':')[0]
    text = header.replace(field, f'{name}: {value}')
    assert len(text.rstrip()) < len(header)
    text = text.rstrip().ljust(len(header) - 1) + '\n'
    return whole[:10] + text.encode() + whole[end:]


def check_damages(cfg, step: int, record_property) -> None:
    (stored,) = check([cfg])
    assert any(r.config for r in readings(cfg))
    right = tokens(cfg)
    kept = {f: f.read_bytes() for f in STORE.iterdir() if f.is_file()}
    wrong, tried = [], 0
    for name, file, content in [*damages()][::step]:
        file.write_bytes(content)
        found = outcome(lambda: prepare(cfg, stored=stored), str(STORE))
        if found == 'accepted':
            found = 'told' if are_tokens(cfg, right) else 'silent'
        if found != 'told':
            wrong.append(f'{name}: {found[:300]}')
        for left in STORE.iterdir():
            left.unlink()
        for other, bytes_ in kept.items():
            other.write_bytes(bytes_)
        tried += 1
    assert tried and not wrong
    record_property('tried: bad fields and cuts of stores', tried)


def test_some_damages(demo, record_property):
    check_damages(demo, 11, record_property)


@pytest.mark.full
def test_every_damage(demo, record_property):
    check_damages(demo, 1, record_property)
