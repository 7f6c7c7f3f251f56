"""Published, pickled features and submissions of EPIC-KITCHENS-100.

Which keys the pickles have is not known: the options name them.
"""

import json
import os
import pickle
from pathlib import Path

import numpy as np
import pytest
from helpers.runs import run_tool

from mmaction_uda.checkpoints.arrays import read_arrays
from mmaction_uda.datasets import FeatureStore

UNPACK = 'data/epic_kitchens/unpack_features.py'
NAMES = ['P01_11_0', 'P01_11_1', 'P22_107_3']


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def features(seed: int = 0, width: int = 6) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, 5, width)).astype(np.float32)


# -- the reader -------------------------------------------------------------
@pytest.mark.parametrize('protocol', range(pickle.HIGHEST_PROTOCOL + 1))
def test_arrays_and_texts_are_read(protocol):
    content = dict(
        a=features(),
        b=[np.arange(4.0).reshape(2, 2).T, np.float64(3)],
        c=('x', 1, None, True, b'\xff\x00'),
        d=np.asfortranarray(features()[0]),
    )
    with open('x.pkl', 'wb') as file:
        pickle.dump(content, file, protocol)
    found = read_arrays('x.pkl')
    assert found['c'] == content['c'] and found['b'][1] == 3
    for one, other in (
        (found['a'], content['a']),
        (found['b'][0], content['b'][0]),
        (found['d'], content['d']),
    ):
        np.testing.assert_array_equal(one, other)
        assert one.dtype == other.dtype


class Attack:
    def __reduce__(self):
        return os.system, ('touch attacked',)


class Method:
    def __reduce__(self):
        return getattr, (Path, 'home')


@pytest.mark.parametrize(
    'content',
    [
        Attack(),
        Method(),
        dict(features=[Attack()]),
        Path('x'),
        np.array([Attack()], object),
        np.array(['a text']),
    ],
    ids=['system', 'getattr', 'nested', 'class', 'objects', 'texts'],
)
def test_anything_else_is_refused(content):
    Path('x.pkl').write_bytes(pickle.dumps(content))
    with pytest.raises(ValueError, match='x.pkl. is no pickle of arrays'):
        read_arrays('x.pkl')
    output = run_tool(UNPACK, 'x.pkl', '--out', 'out', fails=True)
    assert 'is no pickle of arrays' in output and 'Traceback' not in output
    assert not os.path.exists('attacked')


@pytest.mark.parametrize('cut', [0, 1, 40, -1])
def test_damaged_ones_are_refused(cut):
    Path('x.pkl').write_bytes(pickle.dumps(features())[:cut])
    with pytest.raises(ValueError, match='no pickle of arrays'):
        read_arrays('x.pkl')


# -- to a store -------------------------------------------------------------
def test_features_become_a_store():
    """Two streams side by side, labels by narration."""
    content = dict(
        features=dict(RGB=features(), Flow=features(1, 4)), narration_ids=NAMES
    )
    Path('x.pkl').write_bytes(pickle.dumps(content))
    head = 'narration_id,verb_class,noun_class\n'
    rows = [f'{n},{i},{7 - i}\n' for i, n in enumerate(reversed(NAMES))]
    Path('x.csv').write_text(head + ''.join(rows))
    output = run_tool(
        UNPACK,
        *('x.pkl', '--out', 'data', '--labels', 'x.csv', 'verb_class'),
        *('--features', 'features/RGB,features/Flow'),
    )
    assert "3 segments of width 10 are in 'data'" in output
    lines = Path('data/list.txt').read_text().splitlines()
    assert lines == ['P01_11_0 2', 'P01_11_1 1', 'P22_107_3 0']
    run_tool(
        'data/import_features.py',
        *('--layout', 'npy', '--root', 'data', '--list', 'data/list.txt'),
        *('--name', 'ek100', '--store', 'data/features/list'),
    )
    store = FeatureStore.open('data/features/list/ek100', NAMES)
    both = np.concatenate([features(), features(1, 4)], 2)
    for number in range(3):
        np.testing.assert_array_equal(store[number], both[number])


def test_a_target_without_labels_and_one_vector_a_segment():
    content = dict(x=features()[:, 0], names=np.array(range(3)))
    Path('x.pkl').write_bytes(pickle.dumps(content))
    keys = ('--features', 'x', '--names', 'names')
    run_tool(UNPACK, 'x.pkl', '--out', 'data', *keys)
    assert Path('data/list.txt').read_text() == '0\n1\n2\n'
    assert np.load('data/1.npy').shape == (1, 6)


@pytest.mark.parametrize(
    ('content', 'said'),
    [
        (dict(rgb=features(), narration_ids=NAMES), "has no 'features/RGB'"),
        (dict(features=dict(RGB=features())), "has no 'narration_ids'"),
        (
            dict(features=dict(RGB=features()), narration_ids=NAMES[:2]),
            '2 names, 2 of them different, and features of [3]',
        ),
        (
            dict(features=dict(RGB=features()), narration_ids=['a'] * 3),
            '3 names, 1 of them different',
        ),
        (
            dict(
                features=dict(RGB=features().astype(int)), narration_ids=NAMES
            ),
            'expected floats [T, C]',
        ),
        (
            dict(
                features=dict(RGB=features()), narration_ids=['a', 'b', '../c']
            ),
            '../c',
        ),
    ],
)
def test_what_does_not_belong_together(content, said):
    Path('x.pkl').write_bytes(pickle.dumps(content))
    output = run_tool(UNPACK, 'x.pkl', '--out', 'out', fails=True)
    assert said in output and 'Traceback' not in output
    if 'has no' in said:  # what it holds instead
        assert '(3, 5, 6)' in output and '--features' in output
    assert not os.path.exists('out/list.txt')


# -- submissions ------------------------------------------------------------
def write_scores(file: str, number: int, names=NAMES, seed: int = 0) -> list:
    rng = np.random.default_rng(seed)
    scores = rng.dirichlet(np.ones(number), len(names)).tolist()
    videos = [
        dict(video=f'some/{name}', label=-1, predicted=0, scores=one)
        for name, one in zip(names, scores)
    ]
    Path(file).write_text(json.dumps(dict(predictions=videos)))
    return scores


def submit(*args, fails: bool = False) -> str:
    return run_tool(
        'data/epic_kitchens/write_submission.py',
        *('verb.json', 'noun.json', '--levels', '2', '3', '4'),
        *('--out', 'test.json', *args),
        fails=fails,
    )


def test_a_submission():
    verbs, nouns = (
        write_scores('verb.json', 97),
        write_scores('noun.json', 300),
    )
    submit()
    found = json.loads(Path('test.json').read_text())
    results = found.pop('results')
    assert found == dict(
        version='0.2',
        challenge='domain_adaptation',
        sls_pt=2,
        sls_tl=3,
        sls_td=4,
    )
    assert [*results] == NAMES
    for name, verb, noun in zip(NAMES, verbs, nouns):
        one = results[name]
        assert one['verb'] == {str(i): p for i, p in enumerate(verb)}
        assert one['noun'] == {str(i): p for i, p in enumerate(noun)}
        products = np.outer(verb, noun)
        best = np.sort(products.ravel())[::-1][:100]
        assert [*one['action'].values()] == pytest.approx([*best])
        for action, score in one['action'].items():
            v, n = map(int, action.split(','))
            assert score == pytest.approx(products[v, n])


def test_submissions_that_are_refused():
    write_scores('verb.json', 97)
    write_scores('noun.json', 299)
    assert 'scores of [299] classes' in submit(fails=True)
    write_scores('noun.json', 300, NAMES[:2])
    assert "differ in 1 segments, first ['P22_107_3']" in submit(fails=True)
    Path('noun.json').write_text('{"predictions": [{"video": "a"}]}')
    output = submit(fails=True)
    assert '--scores' in output and 'Traceback' not in output
    assert not os.path.exists('test.json')
