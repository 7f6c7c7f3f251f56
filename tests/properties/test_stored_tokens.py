"""A store gives back what was put into it, by the tool that imports."""

import runpy
import sys
import tempfile
from pathlib import Path
from unittest.mock import patch

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from mmaction_uda.datasets import FeatureStore

TOOL = Path(__file__).parents[2] / 'tools/data/import_features.py'
DTYPES = st.sampled_from(['float32', 'float16'])
LENGTHS = st.lists(st.integers(1, 20), min_size=1, max_size=6)


def imported(folder: Path, dtype: str) -> FeatureStore:
    """What the tool makes of ``folder/root`` and ``folder/list.txt``."""
    call = ['import_features.py', '--layout', 'npy', '--name', 'theirs']
    call += ['--root', f'{folder}/root', '--list', f'{folder}/list.txt']
    call += ['--store', f'{folder}/features', '--dtype', dtype]
    path = [str(TOOL.parent), *sys.path]
    with patch.object(sys, 'argv', call), patch.object(sys, 'path', path):
        runpy.run_path(str(TOOL), run_name='__main__')
    store = FeatureStore.open(f'{folder}/features/theirs')
    store.verify()
    return store


@given(LENGTHS, st.integers(1, 70), DTYPES, DTYPES, st.integers(0, 2**31))
def test_any_lengths_widths_and_dtypes(lengths, width, given, stored, seed):
    rng = np.random.default_rng(seed)
    features = [
        (100 * rng.standard_normal((n, width))).astype(given) for n in lengths
    ]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / 'root').mkdir()
        for i, rows in enumerate(features):
            np.save(folder / f'root/video {i}.npy', rows)
        lines = [f'video {i}.mp4 {i}\n' for i in range(len(lengths))]
        (folder / 'list.txt').write_text(''.join(lines))
        store = imported(folder, stored)
        for i, rows in enumerate(features):
            found = np.array(store[i])
            assert found.dtype == stored
            assert np.array_equal(found, rows.astype(stored))
