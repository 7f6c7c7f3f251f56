"""Hostile files, through the tools that read them.

None runs anything, writes outside of its folder, opens an address, hangs, is
taken silently, or ends in a traceback.
"""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from helpers.forked import run
from helpers.hostile import (
    HEADERS,
    Traps,
    array_bomb,
    bare_pickle,
    object_array,
    pickled,
    safetensors,
    zipped_pickle,
)
from helpers.runs import make_runner

LIMIT = 120  # seconds
LISTS = Path('data/demo/seed0_distractors0')
STORE = LISTS / 'features/target_train/shift_net'
TRAIN = ('train.py', 'config.py', '--work-dir', 'work')
OPTION = ('--cfg-options', 'model.backbone.checkpoint=bad')
NESTED = '[' * 100_000
# A call that reads a file of weights, by the ending of its name.
READERS = dict(
    test=lambda file: ('test.py', 'config.py', file),
    infer=lambda file: ('infer.py', 'config.py', file, video()),
    resume=lambda file: (*TRAIN, '--resume', file),
    load=lambda file: (*TRAIN, '--cfg-options', f'load_from={file}'),
    backbone=lambda file: (
        *TRAIN,
        '--cfg-options',
        f'model.backbone.checkpoint={file}',
    ),
)
CASES = {}  # by name: writes the files, returns the call


def case(name: str):
    return partial(CASES.setdefault, name)


def video() -> str:
    return str(next(LISTS.rglob('*.mp4')))


def _weights(write, payload: str, reader: str, traps: Traps) -> tuple:
    write(Path('bad.pth'), traps.payloads()[payload])
    return READERS[reader]('bad.pth')


for _writer in (pickled, bare_pickle, zipped_pickle):
    for _payload, _reader in zip(
        ('system', 'opened', 'evaluated', 'executed', 'system'), READERS
    ):
        CASES[f'{_writer.__name__} {_reader}'] = partial(
            _weights, _writer, _payload, _reader
        )


def _header(name: str, traps: Traps) -> tuple:
    safetensors(Path('bad.safetensors'), *HEADERS[name])
    readers = [*READERS.values()]
    return readers[[*HEADERS].index(name) % 5]('bad.safetensors')


for _name in HEADERS:
    CASES[f'safetensors {_name}'] = partial(_header, _name)


def _renamed(traps: Traps) -> tuple:
    pickled(Path('bad.safetensors'), traps.payloads()['system'])
    return READERS['backbone']('bad.safetensors')


def _shard(traps: Traps) -> tuple:
    shard = next(STORE.glob('*.npy'))
    object_array(shard, traps.payloads()['system'])
    return TRAIN


def _shard_elsewhere(traps: Traps) -> tuple:
    """A link to what is no shard."""
    shard = next(STORE.glob('*.npy'))
    shard.unlink()
    shard.symlink_to(traps.precious / 'diary.txt')
    return TRAIN


def _import(layout: str, write, traps: Traps) -> tuple:
    Path('root').mkdir()
    write(Path(f'root/a.{layout}'), traps)
    Path('a.txt').write_text('a.avi 0\n')
    return (
        *('data/import_features.py', '--layout', layout, '--root', 'root'),
        *('--list', 'a.txt', '--name', 'n', '--store', 'made'),
    )


def _objects(path: Path, traps: Traps) -> None:
    object_array(path, traps.payloads()['system'])


def _frames(path: Path, traps: Traps) -> None:
    path.with_suffix('').mkdir()
    frame = path.with_suffix('') / 'img_00001.t7'
    pickled(frame, traps.payloads()['system'])


def _circles(path: Path, traps: Traps) -> None:
    for name in 'abc':
        Path('root', f'to_{name}').symlink_to('.')


CASES |= {
    'pickle named safetensors': _renamed,
    'pickle in a shard': _shard,
    'shard that is a link': _shard_elsewhere,
    'pickle in npy': partial(_import, 'npy', _objects),
    'pickle in t7': partial(_import, 't7', _frames),
    'pickle named npz': partial(_import, 'npz', _objects),
    'npz bomb': partial(_import, 'npz', lambda path, _: array_bomb(path)),
    'links in circles': partial(_import, 'npy', _circles),
}


def _json(file: str, call: tuple, traps: Traps) -> tuple:
    (path,) = Path().glob(file) if '*' in file else [Path(file)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(NESTED)
    return call


def _trained(text: str, traps: Traps) -> None:
    """What looks like a training, and says this of itself."""
    shutil.copy('model.pth', 'epoch_1.pth')
    Path('work').mkdir()
    Path('epoch_1.pth').rename('work/epoch_1.pth')
    Path('work/training.json').write_text(text)


def _logs_elsewhere(traps: Traps) -> tuple:
    record = dict(identity='[{}, {}]', logs=['../../precious'])
    _trained(json.dumps(record), traps)
    return (*TRAIN, '--overwrite')


def _nested(text: str, traps: Traps) -> tuple:
    _trained(text, traps)
    return TRAIN


def _program_for_a_config(traps: Traps) -> tuple:
    folder = Path('grid/a/20260101_000000/vis_data')
    folder.mkdir(parents=True)
    line = '{"acc/top1": 0.5, "acc/mean1": 0.5, "step": 1}\n'
    (folder / 'scalars.json').write_text(line)
    (folder / 'config.py').write_text(
        f'import os\nos.system("touch {traps.canary}")\nmodel = dict(a=1)\n'
    )
    return 'collect_results.py', 'grid'


CASES |= {
    'nested store.json': partial(_json, str(STORE / 'store.json'), TRAIN),
    'nested shard': partial(_json, str(STORE / 'shard_*.json'), TRAIN),
    'nested benchmark': partial(_json, str(LISTS / 'benchmark.json'), TRAIN),
    'nested training': partial(_nested, NESTED),
    'nested identity': partial(
        _nested, json.dumps(dict(identity=NESTED, logs=[]))
    ),
    'program for a config': _program_for_a_config,
}


def _names(name: str, traps: Traps) -> tuple:
    """A store that names a place outside."""
    shutil.copytree(STORE, 'store')
    header = json.loads(Path('store/store.json').read_text())
    old = header['names'][0]
    for file in Path('store').glob('*.json'):
        file.write_text(
            file.read_text().replace(json.dumps(old), json.dumps(name))
        )
    return (
        *('data/export_features.py', '--store', 'store'),
        *('--layout', 'npy', '--out', 'out'),
    )


def _link_in_the_way(traps: Traps) -> tuple:
    Path('out').mkdir()
    Path('out/a').symlink_to(traps.precious)
    return _names('a/b.mp4', traps)


def _flow(name: str, traps: Traps) -> tuple:
    shutil.copy(video(), traps.root / 'there.mp4')
    traps.before = traps._outside()
    Path('list.txt').write_text(f'{name} 0\n')
    return 'data/extract_flow.py', 'list.txt', 'out', '--root', str(LISTS)


def _playlist(text: str, traps: Traps) -> tuple:
    video_ = Path(video())
    video_.write_text(text.format(traps.address))
    shutil.rmtree(LISTS / 'features')
    return TRAIN


def _line(name: str, traps: Traps) -> tuple:
    with open(LISTS / 'target_train.txt', 'a') as file:
        file.write(f'{name.format(traps.address)} 0\n')
    return TRAIN


CASES |= {
    'names with ..': partial(_names, 'a/../../../x.mp4'),
    'absolute names': partial(_names, '/tmp/x.mp4'),
    'a link in the way': _link_in_the_way,
    'flow of ..': partial(_flow, '../' * 3 + '../there.mp4'),
    'flow of absolute': partial(_flow, '/etc/hostname'),
    'playlist': partial(_playlist, '#EXTM3U\n#EXTINF:1,\n{}.ts\n'),
    'concat list': partial(_playlist, "ffconcat version 1.0\nfile '{}'\n"),
    'session': partial(_playlist, 'v=0\no=- 0 0 IN IP4 127.0.0.1\nu={}\n'),
    'address in a list': partial(_line, '{}.mp4'),
    'concat in a list': partial(_line, 'concat:a.mp4|b.mp4'),
    'pipe in a list': partial(_line, 'pipe:0'),
    'file in a list': partial(_line, 'file:///etc/passwd'),
}


@pytest.fixture
def traps(make_config, tmp_path, monkeypatch):
    """In a folder of a folder, which holds a config and its weights."""
    cfg = make_config('source_only_demo')
    folder = tmp_path / 'case'
    folder.mkdir()
    shutil.move('data', folder / 'data')
    monkeypatch.chdir(folder)
    cfg.work_dir = 'test'
    cfg.dump('config.py')
    make_runner(cfg).save_checkpoint(
        '.', 'model.pth', save_optimizer=False, save_param_scheduler=False
    )
    traps = Traps(tmp_path, folder)
    yield traps
    traps.server.close()


QUICK = (
    'bare_pickle test',
    'zipped_pickle backbone',
    'safetensors nested',
    'nested identity',
    'program for a config',
    'names with ..',
    'links in circles',
)


@pytest.mark.parametrize(
    'name',
    [
        name if name in QUICK else pytest.param(name, marks=pytest.mark.full)
        for name in CASES
    ],
)
def test_refused(traps, name, record_property):
    call = CASES[name](traps)
    code = run(traps.folder, *call, limit=LIMIT)
    said = (traps.folder / 'tool.log').read_text()
    assert not traps.harm(), said
    assert code == 2 and 'error: ' in said, said
    assert 'Traceback' not in said, said
    record_property('tried: hostile files', 1)


def _pointer(text: str, traps: Traps) -> tuple:
    Path('work').mkdir()
    Path('work/last_checkpoint').write_text(text.format(traps.address))
    return (*TRAIN, '--resume')


NOT_FOLLOWED = {
    'logs elsewhere': _logs_elsewhere,
    'pointer to an address': partial(_pointer, '{}.pth'),
    'pointer to a file': partial(_pointer, '/etc/passwd'),
}


@pytest.mark.parametrize(
    'name',
    [
        'logs elsewhere',
        *(
            pytest.param(name, marks=pytest.mark.full)
            for name in [*NOT_FOLLOWED][1:]
        ),
    ],
)
def test_not_followed(traps, name, record_property):
    """Work goes on, in the directory alone."""
    call = NOT_FOLLOWED[name](traps)
    code = run(traps.folder, *call, limit=LIMIT)
    assert not traps.harm()
    assert code == 0, (traps.folder / 'tool.log').read_text()
    record_property('tried: hostile files', 1)
