"""Official split files and videos, to labels: the README's commands."""

import json
import re
import shutil
from pathlib import Path

import pytest
from helpers.configs import reduce_config
from helpers.data import moving_square, write_checkpoint
from helpers.runs import accuracies, finish, run_tool, start_tool
from test_data_lists import HMDB, UCF, VIDEOS, pairs, write_hmdb, write_ucf

from mmaction_uda.config import load_config
from mmaction_uda.datasets.rendered.video import write_mp4

NAME = 'transferattn_i3d_ucf2hmdb'


def write_videos(domain: str, names: list, classes: list) -> None:
    """Short mp4 files under official names."""
    for number, name in enumerate(names):
        file = Path(VIDEOS[domain], name).with_suffix('.mp4')
        file.parent.mkdir(parents=True, exist_ok=True)
        label = classes.index(file.parent.name)
        write_mp4(moving_square(label, 8 + number % 3), str(file), 25)


def first_of(names: list, key) -> list:
    """The first name of every kind, in order."""
    kinds = {}
    for name in names:
        if key(name) is not None:
            kinds.setdefault(key(name), name)
    return list(kinds.values())


@pytest.fixture
def project(tmp_path, monkeypatch):
    """What a user has unpacked, and the config, reduced to a test's size."""
    monkeypatch.chdir(tmp_path)

    def ucf_kind(name):
        folder = name.split('/')[0]
        group = int(re.search(r'_g(\d+)_', name)[1])
        return (folder, group > 7) if folder in UCF else None

    def hmdb_kind(name):
        folder, file = name.split('/')
        flag = flags[file]
        return (folder, flag) if folder in HMDB and flag != '0' else None

    ucf, hmdb = write_ucf(), write_hmdb()
    flags = dict(
        line.split()
        for file in Path('data/hmdb51').rglob('*_test_split1.txt')
        for line in file.read_text().splitlines()
    )
    write_videos('ucf', first_of(ucf, ucf_kind), list(UCF))
    write_videos('hmdb', first_of(hmdb, hmdb_kind), HMDB)
    cfg = reduce_config(load_config(NAME), Path('unused'))
    cfg.pop('work_dir')
    Path('configs').mkdir()
    Path('checkpoints').mkdir()
    write_checkpoint(cfg.model.backbone)
    cfg.dump(f'configs/{NAME}.py')
    return f'configs/{NAME}.py'


def test_from_official_files_to_labels(project):
    output = run_tool('data/ucf_hmdb/build_lists.py', '--allow-missing')
    assert 'ucf_train.txt: 15 of 1438 videos' in output
    lists = {
        p.stem: pairs(p) for p in Path('data/ucf_hmdb_full').glob('[uh]*')
    }
    assert {name: len(files) for name, files in lists.items()} == dict(
        ucf_train=15, ucf_test=15, hmdb_train=12, hmdb_test=12
    )
    assert {label for _, label in lists['ucf_train']} == set(range(12))

    output = run_tool('extract_features.py', project)
    stores = list(Path('data/ucf_hmdb_full/features').glob('*/i3d/store.json'))
    assert {s.parts[-3] for s in stores} == set(lists)

    shutil.rmtree(VIDEOS['ucf'])  # the features are enough
    trained = accuracies(run_tool('train.py', project), 'val')
    checkpoint = f'work_dirs/{NAME}/epoch_1.pth'
    tested = accuracies(run_tool('test.py', project, checkpoint), 'test')
    assert tested == trained

    files = [f'{VIDEOS["hmdb"]}/{path}' for path, _ in lists['hmdb_test']]
    # As a user starts it, in an interpreter of its own.
    call = ('infer.py', project, checkpoint, *files, '--out', 'found.json')
    finish(start_tool(*call))
    found = json.loads(Path('found.json').read_text())
    best = [max(scores, key=scores.get) for scores in found.values()]
    right = sum(
        HMDB.index(name) == label
        for name, (_, label) in zip(best, lists['hmdb_test'])
    )
    assert f'{right / len(best):.4f}' == tested['acc/top1']
