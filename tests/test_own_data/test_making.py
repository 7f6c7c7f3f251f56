"""From folders and lists to a task: classes, lists, what is left out."""

import os
import shutil
from pathlib import Path

import pytest
from helpers.own_data import lists, made, two_domains, write_clip, write_clips
from helpers.videos import write_no_videos

from mmaction_uda.config import load_config
from mmaction_uda.faults import Faults


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def sizes(task) -> dict:
    return {name: len(part.videos) for name, part in task.parts.items()}


def test_class_folders():
    """Counts, labels in order of names, no video in two lists."""
    two_domains(Path(), 6, cam=['jump/x.mp4', 'notes.txt.mp4/.mp4'])
    Path('cam/run/readme.txt').touch()
    Path('cam/empty').mkdir()
    task = made()
    assert task.classes == ['run', 'walk']
    assert sizes(task) == dict(
        source_train=8, source_test=4, target_train=8, target_test=4
    )
    task.write('mine', 'shift_net', False)
    found = lists('mine')
    assert {n: len(lines) for n, lines in found.items()} == sizes(task)
    for domain in ('source', 'target'):
        both = found[f'{domain}_train'] + found[f'{domain}_test']
        assert sorted(both) == sorted(
            f'{label}/{x}.mp4 {n}'
            for n, label in enumerate(('run', 'walk'))
            for x in 'abcdef'
        )
    notes = '\n'.join(task.notes)
    assert 'classes of the source alone, dropped: jump (1).' in notes
    assert 'source: 1 files that are no videos' in notes
    assert 'source: folders without a video: empty' in notes


def test_names_and_places():
    """Blanks, umlauts, folders in folders, links, a link that leads back."""
    names = [f'geh en/tief/er/ä {i}.mp4' for i in range(3)]
    write_clips(Path('cam'), [*names, *(f'run/b{i}.MP4' for i in range(3))])
    write_clips(Path('far'), [f'{i}.mp4' for i in 'xyz'], 50)
    write_clips(Path('drone'), [f'run/{i}.mp4' for i in 'xyz'], 60)
    os.symlink(os.path.abspath('far'), 'drone/geh en')
    os.symlink(os.path.abspath('drone'), 'drone/run/back')
    task = made()
    task.write('mine', 'shift_net', False)
    assert task.classes == ['geh en', 'run']
    found = lists('mine')
    assert sorted(found['target_train'] + found['target_test']) == [
        *(f'geh en/{x}.mp4 0' for x in 'xyz'),
        *(f'run/{x}.mp4 1' for x in 'xyz'),
    ]
    source = load_config('dann@shift_net_mine').train_dataloader.dataset.source
    assert source.videos.metainfo.classes == ['geh en', 'run']
    assert any('geh en/tief/er/ä ' in line for line in found['source_train'])


def test_what_is_left_out():
    """Unreadable files, other bytes under no name, one content twice."""
    two_domains(Path(), 4)
    Path('cam/run/text.mp4').write_text('none')
    whole = Path('cam/run/a.mp4').read_bytes()
    Path('cam/run/half.mp4').write_bytes(whole[: len(whole) // 2])
    shutil.copy('cam/run/b.mp4', 'cam/run/copy.mp4')
    shutil.copy('cam/walk/b.mp4', 'cam/run/other.mp4')
    shutil.copy('cam/run/c.mp4', 'drone/walk/c2.mp4')
    write_clip(Path('drone/run/line\nfeed.mp4'), 70)
    os.link('drone/run/a.mp4', b'drone/run/latin_\xe4.mp4')
    task = made()
    source = {x.partition(': ')[::2] for x in task.source.left_out}
    faults = dict(source)
    assert [*sorted(faults)] == [
        f'cam/{x}.mp4'
        for x in ('run/copy', 'run/half', 'run/other', 'run/text', 'walk/b')
    ]
    assert faults['cam/run/copy.mp4'] == 'the same file as cam/run/b.mp4'
    for name in ('run/other', 'walk/b'):
        assert 'is in run and walk' in faults[f'cam/{name}.mp4']
    assert 'begins with' in faults['cam/run/text.mp4']
    left = '\n'.join(task.target.left_out)
    assert 'c2.mp4: the same file as cam/run/c.mp4' in left
    assert "line\\nfeed.mp4': its name cannot stand in a list" in left
    assert "latin_\\udce4.mp4': its name" in left
    assert sizes(task) == dict(
        source_train=5, source_test=2, target_train=6, target_test=2
    )


def test_nothing_of_no_videos_is_opened():
    """Pipes, devices, playlists: named, and nobody waits for them."""
    two_domains(Path(), 4)
    said = write_no_videos(Path('cam/run'), 'http://127.0.0.1:9/x')
    left = '\n'.join(made().source.left_out)
    for name, text in said.items():
        if name != 'folder.mp4':  # a folder of nothing
            assert f'cam/run/{name}: ' in left and text in left


def test_lists():
    """`path label` from here, `path label` beside the list, and a mixture."""
    two_domains(Path(), 4)
    Path('lists').mkdir()
    numbers = dict(run=7, walk=3)
    for root, file in (('cam/', 'lists/cam.txt'), ('', 'drone/all.txt')):
        lines = [
            f'{root}{c}/{x}.mp4 {numbers[c]}\n'
            for c in numbers
            for x in 'abcd'
        ]
        Path(file).write_text(''.join(lines))
    task = made(source='lists/cam.txt', target='drone/all.txt')
    assert task.classes == ['walk', 'run']  # by number
    assert task.source.root == '.' and task.target.root == 'drone'
    task.write('mine', 'shift_net', False)
    found = lists('mine')['source_train']
    assert {x.split('/')[1] + x[-2:] for x in found} == {'run 1', 'walk 0'}
    assert sizes(made(source='lists/cam.txt')) == sizes(task)
    with open('drone/all.txt', 'a') as file:
        file.write('run/none.mp4 7\n')
    left = made(target='drone/all.txt').target.left_out
    assert left == ['drone/run/none.mp4: it is not there']


@pytest.mark.parametrize('kind', ['flat', 'folders', 'list'])
def test_a_target_without_labels(kind):
    two_domains(Path(), 4)
    options = dict(target='drone')
    if kind == 'flat':
        write_clips(Path('flat'), [f'{i}.mp4' for i in range(8)], 300)
        options = dict(target='flat')
    elif kind == 'list':
        names = [f'run/{x}.mp4\n' for x in 'abcd']
        Path('drone/all.txt').write_text(''.join(names))
        options = dict(target='drone/all.txt')
    else:
        options['target_labels'] = False
    task = made(**options)
    assert not task.labelled and task.classes == ['run', 'walk']
    task.write('mine', 'shift_net', False)
    found = lists('mine')
    assert [*sorted(found)] == ['source_test', 'source_train', 'target_train']
    assert {line.split()[-1] for line in found['target_train']} == {'-1'}
    cfg = load_config('transferattn@shift_net_mine')
    assert cfg.val_evaluator == cfg.test_evaluator == []
    tested = cfg.test_dataloader.dataset.videos
    assert tested.ann_file == 'data/mine/target_train.txt'


def test_some_labels_are_for_the_test():
    """Of a target list that has few: the others are trained on."""
    two_domains(Path(), 4)
    for old, new in zip('abcd', 'efgh'):
        os.rename(f'drone/walk/{old}.mp4', f'drone/walk/{new}.mp4')
    lines = [f'run/{x}.mp4' for x in 'abcd'] + [
        f'walk/{x}.mp4' for x in 'efgh'
    ]
    Path('drone/all.txt').write_text(
        '\n'.join(f'{x} {0 if "run" in x else 1}' for x in lines[2:6])
        + '\n'
        + '\n'.join(lines[:2] + lines[6:])
    )
    task = made(target='drone/all.txt')
    assert sizes(task) == dict(
        source_train=6, source_test=2, target_train=6, target_test=2
    )


# -- what is refused ----------------------------------------------------------
def refused(**wanted) -> str:
    with pytest.raises(Faults) as error:
        made(**wanted)
    return str(error.value)


def test_places():
    two_domains(Path(), 2)
    Path('nothing').mkdir()
    text = refused(source='nothing', target='no/such')
    assert "--source 'nothing': there is no video in it" in text
    assert "--target 'no/such' is not there" in text
    os.symlink('cam', 'again')
    assert 'are the same' in refused(target='again')
    assert 'lies in the other' in refused(target='cam/run')
    Path('lost.txt').write_text('a.mp4 0\n')
    assert 'none of its videos is there' in refused(source='lost.txt')


def test_classes():
    two_domains(Path(), 3, cam=['extra.mp4'])
    assert "1 videos lie beside the folders of classes, first 'extra.mp4'" in (
        refused()
    )
    os.remove('cam/extra.mp4')
    os.rename('drone/run', 'drone/Run')
    assert "'cam/run' and 'drone/Run' are spelt almost alike" in refused()
    os.rename('drone/Run', 'drone/sit')
    assert 'the domains share 1 class, two are needed' in refused()
    os.rename('drone/walk', 'drone/stand')
    text = refused()
    assert 'share no classes' in text and 'Target: sit, stand' in text
    write_clips(Path('flat'), ['1.mp4', '2.mp4'], 300)
    assert 'has videos without labels' in refused(source='flat')


def test_a_class_with_one_video():
    """It is trained on, and not tested; too few of all are refused."""
    two_domains(Path(), 4)
    for name in 'bcd':
        os.remove(f'drone/run/{name}.mp4')
    task = made()
    assert task.parts['target_test'].counts == dict(walk=1)
    assert task.parts['target_train'].counts == dict(run=1, walk=3)
    for name in 'bcd':
        os.remove(f'drone/walk/{name}.mp4')
    assert 'target: no video is left to test on' in refused()


def test_the_same_videos_in_both():
    two_domains(Path(), 2)
    shutil.copytree('cam', 'copy')
    text = refused(target='copy')
    assert 'the same file as cam/run/a.mp4' in text
