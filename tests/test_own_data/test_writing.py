"""What is written of a task, and what a training makes of it."""

import json
import os
import re
import shlex
import shutil
from glob import glob
from pathlib import Path

import pytest
from helpers.configs import ROOT, reduce_config, small_config
from helpers.own_data import made, two_domains, write_clips
from helpers.runs import run_tool, train

from mmaction_uda.config import load_config
from mmaction_uda.config.names import layers
from mmaction_uda.evaluation import choose, read_history, read_predictions
from mmaction_uda.faults import Faults
from mmaction_uda.own_data import check_free
from mmaction_uda.own_data.cautions import FEW, Part, cautions
from mmaction_uda.own_data.checking import check_data_of
from mmaction_uda.visualization.report import gather, to_markdown, write_report


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def table(page: str) -> dict:
    """Rows of the first table of a page by their first cells."""
    rows = Path(page).read_text('utf-8').partition('\n\n|')[2]
    cells = [
        [c.strip() for c in row.strip('|').split('|')]
        for row in rows.partition('\n\n')[0].split('\n')
    ]
    return {first: rest for first, *rest in cells}


def test_config():
    """Ten lines; every method reads the lists of the task."""
    two_domains(Path(), 8)
    config = made().write('mine', 'shift_net', False)
    assert config == 'configs/_base_/tasks/mine.py'
    assert len(Path(config).read_text().splitlines()) <= 10
    assert 'mine' in layers('tasks')
    for method in ('source_only', 'transferattn', 'target_only', 'dann'):
        cfg = load_config(f'{method}@shift_net_mine')
        pair = cfg.train_dataloader.dataset
        assert pair.source.videos.ann_file == 'data/mine/source_train.txt'
        assert pair.target.videos.ann_file == 'data/mine/target_train.txt'
        assert pair.target.videos.data_prefix.video == 'drone'
        assert cfg.val_cfg.source.videos.ann_file.endswith('source_test.txt')
        assert cfg.model.cls_head.num_classes == 2
        assert cfg.train_dataloader.batch_size == 4  # a third of 12
        assert cfg.train_cfg.max_epochs == 100
    assert load_config('ta3n@shift_net_mine').train_cfg.max_epochs == 30


def test_many_videos_have_the_schedule_of_the_papers(monkeypatch):
    two_domains(Path(), 4)
    monkeypatch.setattr('mmaction_uda.own_data.files.MANY', 6)
    made().write('mine', 'shift_net', False)
    cfg = load_config('transferattn@shift_net_mine')
    assert cfg.train_cfg.max_epochs == 300 and cfg.model.neck.num_frames == 53


def test_sheet():
    two_domains(Path(), 4)
    os.remove('drone/walk/d.mp4')
    task = made()
    task.write('mine', 'shift_net', False)
    page = 'data/mine/README.md'
    found = table(page)
    assert found['run'] == ['3', '1', '3', '1']
    assert found['walk'] == ['3', '1', '2', '1']
    assert found['all'] == ['6', '2', '5', '2']
    text = Path(page).read_text()
    assert '| frames | 8, 8, 8 |' in text and '| px | 64 x 48 |' in text
    assert '| seconds | 0.5, 0.5, 0.5 |' in text
    assert '| frames a second | 16 |' in text
    assert 'one video is worth 50.0 points' in text
    assert Path('data/mine/videos.png').read_bytes()[:4] == b'\x89PNG'


@pytest.mark.parametrize(
    ('number', 'said'),
    [(12, '8.3 points.*± 28'), (FEW - 1, '2.0 points'), (FEW, None)],
)
def test_a_test_that_says_nothing(number, said):
    part = Part('target, test', [(f'{i}', 'ab'[i % 2]) for i in range(number)])
    first, *more = cautions([part], ['a', 'b'])
    assert first.startswith(f'{number} target test videos; chance is 5')
    assert len(more) == (said is not None)
    assert not more or re.search(said, more[0])


@pytest.mark.parametrize(
    ('name', 'said'),
    [
        ('Mine', 'small letters, digits and _'),
        ('a/b', 'small letters, digits and _'),
        ('ut1to2', 'has not made'),
        ('demo', 'has not made'),
    ],
)
def test_names(name, said):
    with pytest.raises(Faults, match=said):
        check_free(name, 'lite0', True)
    with pytest.raises(Faults, match='there is no backbone'):
        check_free('mine', 'lite1', True)


def test_again():
    """A task that is there, one of another hand, a place that is none."""
    two_domains(Path(), 3)
    task = made()
    config = task.write('mine', 'shift_net', False)
    with pytest.raises(Faults, match='data/mine and configs.*--overwrite'):
        task.write('mine', 'shift_net', False)
    task.write('mine', 'shift_net', True)
    Path(config).write_text('_base_ = "../one_view.py"\n')
    with pytest.raises(Faults, match='has not made'):
        task.write('mine', 'shift_net', True)
    os.rename('data', 'elsewhere')
    Path('data').touch()
    with pytest.raises(OSError, match="'data.* cannot be written: .*Run it"):
        task.write('other', 'shift_net', False)
    assert not Path('configs/_base_/tasks/other.py').exists()


# -- trainings ----------------------------------------------------------------
def small(name: str, epochs: int = 2):
    cfg = reduce_config(load_config(name), 'work')
    cfg.train_cfg.max_epochs = epochs
    return cfg


def test_training_with_labels():
    two_domains(Path(), 6)
    made().write('mine', 'shift_net', False)
    runner = train(small('transferattn@shift_net_mine'))
    assert 0 <= runner.message_hub.get_scalar('val/acc/top1').current() <= 1
    (epoch, _) = [*read_predictions('work')][-2:]
    assert len(read_predictions('work')[epoch].labels) == 4
    found = read_history('work').validations[2]
    assert {'label_free/source_acc', 'label_free/class_balance'} <= {*found}


def test_training_without_labels():
    """No accuracy anywhere; an epoch is chosen, and its weights are kept."""
    two_domains(Path(), 4)
    write_clips(Path('flat'), [f'{i}.mp4' for i in range(8)], 300)
    made(target='flat').write('mine', 'shift_net', False)
    assert table('data/mine/README.md')['no label'] == ['', '', '8']
    assert sheet_of('dann@shift_net_mine')[2:4] == [
        'target, training: 8 videos',
        'The target has no labels: no accuracy can be known.',
    ]
    cfg = small('transferattn@shift_net_mine', 3)
    train(cfg)
    validations = read_history('work').validations
    assert [*validations] == [1, 2, 3]
    assert not any(
        k.startswith('acc/') for v in validations.values() for k in v
    )
    assert 'label_free/infomax' in validations[1]
    (best,) = glob('work/best_*.pth')
    epoch = choose(validations)
    assert best == f'work/best_label_free_infomax_epoch_{epoch}.pth'
    facts = gather(dict(ours=['work']))
    text = to_markdown(facts)
    assert text.startswith('The target has no labels: no accuracy is known.')
    assert '| ours | 1 | – | – | – | – |' in text
    files = write_report(facts, 'report')
    assert 'no accuracy is known' in Path(files[0]).read_text()


@pytest.mark.full
def test_printed_commands():
    """The tools, as typed, but for a shorter training."""
    two_domains(Path(), 4)
    write_clips(Path('my flat'), [f'{i}.mp4' for i in range(8)], 300)
    output = run_tool(
        'new_task.py',
        *('--source', 'cam', '--target', 'my flat', '--name', 'mine'),
        *('--backbone', 'shift_net'),
    )
    assert 'target, training: 8 videos' in output
    assert 'The target has no labels: no accuracy can be known.' in output
    grid, report, infer = (
        line.split(None, 1)[1]
        for line in output.partition('next:\n')[2].splitlines()
    )
    tools = os.path.relpath(ROOT / 'tools')
    assert grid.startswith(f'{tools}/run_grid.py source_only@shift_net_mine ')
    out = 'work_dirs/mine --out work_dirs/mine/report'
    assert report == f'{tools}/report.py {out}'
    tool, config, checkpoint, *rest = shlex.split(infer)
    cfg = load_config(config)
    cfg.work_dir = os.path.dirname(checkpoint)
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    train(cfg)
    (checkpoint,) = glob(checkpoint)
    videos = sorted(glob(rest[0]))
    assert len(videos) == 8
    run_tool('infer.py', config, checkpoint, *videos, *rest[1:])
    found = json.loads(Path('work_dirs/mine/predictions.json').read_text())
    assert [*found] == videos and {*found[videos[0]]} == {'run', 'walk'}


def sheet_of(name: str) -> list:
    cfg = load_config(name)
    cfg.update(work_dir='work', launcher='none')
    return check_data_of(cfg, name, 'sheet')


def test_check_data():
    """The same sheet of a config; what is wrong is in it, and raised."""
    two_domains(Path(), 4)
    made().write('mine', 'shift_net', False)
    lines = sheet_of('dann@shift_net_mine')
    assert 'target, test: 2 videos' in lines
    pages = ['data/mine/README.md', 'sheet/README.md']
    assert table(pages[0]) == table(pages[1])
    fault = 'drone/walk/b.mp4: it begins with'
    Path('drone/walk/b.mp4').write_text('none')
    with pytest.raises(Faults, match=f'{fault}') as error:
        sheet_of('dann@shift_net_mine')
    assert error.value.faults[0].startswith('sheet/README.md is written')
    assert fault in Path(pages[1]).read_text()


def test_check_data_of_a_rendering(demo_data):
    """What a config renders is counted as well; a training can have begun."""
    shutil.copytree(demo_data, 'data')
    cfg = small_config('baseline_demo')
    cfg.launcher = 'none'
    lines = check_data_of(cfg, 'baseline_demo', 'sheet')
    assert lines[:4] == [
        'source, training: 32 videos',
        'source, test: 16 videos',
        'target, training: 32 videos',
        'target, test: 16 videos',
    ]
    assert table('sheet/README.md')['moonwalk'] == ['4', '2', '4', '2']
