"""Bad input by the command line: a line each, exit code 2, no traceback."""

from pathlib import Path

import pytest
from helpers.configs import small_config
from helpers.forked import run
from helpers.runs import make_runner

LISTS = 'data/demo/seed0_distractors0'
SOURCE = f'{LISTS}/source_train.txt'
TRAIN = ('train.py', 'config.py', '--work-dir', 'work')


def line_of(file: str, text: str) -> None:
    """Append a line to a list."""
    with open(file, 'a') as lines:
        lines.write(f'{text}\n')


def cut(file: str) -> None:
    content = Path(file).read_bytes()
    Path(file).write_bytes(content[: len(content) // 2])


# What is done before, the call, and what the error names.
CASES = {
    'key': (None, (*TRAIN, '--cfg-options', 'model.neck.dept=3'), 'depth'),
    'top': (None, (*TRAIN, '--cfg-options', 'trian_cfg.a=3'), 'train_cfg'),
    'value': (
        None,
        (*TRAIN, '--cfg-options', 'optim_wrapper.optimizer.lr=nan'),
        'optim_wrapper.optimizer.lr=nan must be finite',
    ),
    'config': (lambda: cut('config.py'), TRAIN, 'config.py'),
    'no config': (None, ('train.py', 'no_such_demo'), 'no_such_demo'),
    'label': (lambda: line_of(SOURCE, 'a.mp4 8'), TRAIN, 'line 33'),
    'line': (lambda: line_of(SOURCE, 'a b c'), TRAIN, "line 33: 'a b c'"),
    'no list': (lambda: Path(SOURCE).unlink(), TRAIN, 'source_train.txt'),
    'store': (
        lambda: cut(f'{LISTS}/features/source_train/shift_net/store.json'),
        TRAIN,
        'store.json',
    ),
    'shard': (
        lambda: cut(
            f'{LISTS}/features/source_train/shift_net/shard_00000.npy'
        ),
        TRAIN,
        'shard_00000.npy',
    ),
    'benchmark': (
        lambda: cut(f'{LISTS}/benchmark.json'),
        TRAIN,
        'benchmark.json',
    ),
    'checkpoint': (
        lambda: cut('good.pth'),
        ('test.py', 'config.py', 'good.pth'),
        'good.pth',
    ),
    'no checkpoint': (
        None,
        ('test.py', 'config.py', 'no_such.pth'),
        'no_such.pth',
    ),
    'text for a checkpoint': (
        lambda: Path('good.pth').write_text('no weights'),
        ('test.py', 'config.py', 'good.pth'),
        'good.pth',
    ),
    'resumed': (
        lambda: cut('good.pth'),
        (*TRAIN, '--resume', 'good.pth'),
        'good.pth',
    ),
    'video': (
        lambda: Path('a.mp4').write_text('no video'),
        ('infer.py', 'config.py', 'good.pth', 'a.mp4'),
        'a.mp4',
    ),
    'results': (None, ('collect_results.py', 'no_such_grid'), 'no_such_grid'),
}


@pytest.fixture
def folder(make_config, tmp_path) -> Path:
    cfg = make_config('transferattn_demo')
    cfg.dump('config.py')
    make_runner(small_config('transferattn_demo')).save_checkpoint(
        '.', 'good.pth', save_optimizer=False, save_param_scheduler=False
    )
    return tmp_path


@pytest.mark.full
@pytest.mark.parametrize('case', CASES)
def test_told_in_lines(folder, case, record_property):
    damage, call, named = CASES[case]
    if damage is not None:
        damage()
    code = run(folder, *call)
    said = (folder / 'tool.log').read_text()
    assert code == 2, said
    assert 'Traceback' not in said
    _, found, error = said.partition('error: ')
    assert found and named in error, said
    assert not list(folder.glob('work/*.pth'))
    record_property('tried: bad inputs by the command line', 1)
