"""The builders of lists, on split files in the official formats.

With MMACTION_UDA_TEST_DATA also on the official split files themselves.
"""

import os
import random
from collections import Counter
from itertools import product
from pathlib import Path

import pytest
from helpers.runs import run_tool
from mmaction.datasets import VideoDataset

from mmaction_uda.lists import read_list

SANITISED = ['(),&', '(),&!#+']  # what two code bases delete from names
UCF = {  # class: label, training and test videos
    'RockClimbingIndoor': (0, 103, 41),
    'RopeClimbing': (0, 85, 34),
    'Fencing': (1, 77, 34),
    'GolfSwing': (2, 100, 39),
    'SoccerPenalty': (3, 96, 41),
    'PullUps': (4, 72, 28),
    'BoxingPunchingBag': (5, 114, 49),
    'BoxingSpeedBag': (5, 97, 37),
    'Punch': (5, 121, 39),
    'PushUps': (6, 72, 30),
    'Biking': (7, 96, 38),
    'HorseRiding': (8, 115, 49),
    'Basketball': (9, 99, 35),
    'Archery': (10, 104, 41),
    'WalkingWithDog': (11, 87, 36),
}
HMDB = 'climb fencing golf kick_ball pullup punch pushup ride_bike ride_horse'
HMDB = [*HMDB.split(), 'shoot_ball', 'shoot_bow', 'walk']
CLASSES = dict(
    full=HMDB,
    small=['golf', 'pullup', 'ride_bike', 'ride_horse', 'shoot_ball'],
)
COUNTS = dict(
    full=dict(
        ucf_train=[188, 77, 100, 96, 72, 332, 72, 96, 115, 99, 104, 87],
        ucf_test=[75, 34, 39, 41, 28, 125, 30, 38, 49, 35, 41, 36],
        hmdb_train=[70] * 12,
        hmdb_test=[30] * 12,
    ),
    small=dict(
        ucf_train=[100, 72, 96, 115, 99],
        ucf_test=[39, 28, 38, 49, 35],
        hmdb_train=[70] * 5,
        hmdb_test=[30] * 5,
    ),
)
NEC = dict(
    nec_train=[72, 68, 70, 65, 51, 53, 56],
    nec_test=[64, 26, 26, 23, 36, 27, 26],
)
CODES = ['A0001', 'A0002', 'A0003', 'A0008', 'A0009', 'B0001', 'B0003']
UCF_SPLITS = 'data/ucf101/ucfTrainTestlist'
HMDB_SPLITS = 'data/hmdb51/testTrainMulti_7030_splits'
VIDEOS = dict(ucf='data/ucf101/videos', hmdb='data/hmdb51/videos')


def write(file: str, lines: list, end: str = '\n') -> None:
    Path(file).parent.mkdir(parents=True, exist_ok=True)
    Path(file).write_bytes(''.join(f'{s}{end}' for s in lines).encode())


def touch(folder: str, names: list) -> None:
    """Empty videos, which the builders do not read."""
    files = [f'{folder}/{name}' for name in names]
    for parent in {os.path.dirname(file) for file in files}:
        os.makedirs(parent, exist_ok=True)
    Path('empty').touch()
    for file in files:  # links: thousands of new files may take seconds
        os.link('empty', file)


def pairs(file: str) -> list:
    """``(path, label)`` of every line of a list."""
    lines = [line.rsplit(' ', 1) for line in open(file)]
    return [(path, int(label)) for path, label in lines]


def counts(file: str) -> list:
    found = Counter(label for _, label in pairs(file))
    return [found[label] for label in range(len(found))]


def plain(name: str) -> str:
    """A name after all that sanitising may delete."""
    name = os.path.basename(name).removesuffix('.avi').removesuffix('.mp4')
    return ''.join(c for c in name if c not in SANITISED[1])


# -- UCF-HMDB ---------------------------------------------------------------
def write_ucf() -> list:
    """Split 1 of the 15 classes and one that is not ours; its videos."""
    videos = []
    numbers = {'ApplyEyeMakeup': (0, 20, 9), **UCF}
    for split, groups in ((1, range(8, 26)), (2, range(1, 8))):
        names = [
            f'{c}/v_{c}_g{groups[k % len(groups)]:02d}_c{k // 7:02d}.avi'
            for c in sorted(numbers)
            for k in range(numbers[c][split])
        ]
        videos += names
        if split == 1:
            ids = {c: n for n, c in enumerate(sorted(numbers), 1)}
            names = [f'{n} {ids[n.split("/")[0]]}' for n in names]
        name = 'train' if split == 1 else 'test'
        write(f'{UCF_SPLITS}/{name}list01.txt', names, '\r\n')
    return videos


def write_hmdb() -> list:
    """The same; flag 0 marks videos that split 1 does not use."""
    videos = []
    for c in [*HMDB, 'brush_hair']:
        flags = [1] * 70 + [2] * 30 + [0] * 20
        random.Random(c).shuffle(flags)
        names = [
            f'#{k}_(HQ),_Pull-ups_+_[x]!_&_{c}_f_cm_np1_ba_med_{k}.avi'
            for k in range(len(flags))
        ]
        lines = [f'{n} {flag} ' for n, flag in zip(names, flags)]
        write(f'{HMDB_SPLITS}/{c}_test_split1.txt', lines)
        videos += [f'{c}/{n}' for n in names]
    return videos


@pytest.fixture
def split_files(tmp_path, monkeypatch) -> dict:
    """Split files under the current directory; the videos they name."""
    monkeypatch.chdir(tmp_path)
    return dict(ucf=write_ucf(), hmdb=write_hmdb())


@pytest.fixture
def ucf_hmdb(split_files):
    """The videos, too."""
    for domain, names in split_files.items():
        touch(VIDEOS[domain], names)


def build(*args, fails: bool = False) -> str:
    return run_tool('data/ucf_hmdb/build_lists.py', *args, fails=fails)


def official(name: str, classes: list) -> list:
    """``(path, label)`` that the split files give, in their order."""
    domain, split = name.split('_')
    if domain == 'ucf':
        ids = {
            c: classes.index(HMDB[n])
            for c, (n, *_) in UCF.items()
            if HMDB[n] in classes
        }
        lines = Path(UCF_SPLITS, f'{split}list01.txt').read_text().split()
        names = [n for n in lines if n.split('/')[0] in ids]
        return [(n, ids[n.split('/')[0]]) for n in names]
    flag = dict(train=' 1 ', test=' 2 ')[split]
    found = []
    for label, c in enumerate(classes):
        lines = Path(HMDB_SPLITS, f'{c}_test_split1.txt').read_text()
        names = [s[:-3] for s in lines.splitlines() if s.endswith(flag)]
        found += [(f'{c}/{n}', label) for n in names]
    return found


@pytest.mark.parametrize('variant', COUNTS)
def test_ucf_hmdb(ucf_hmdb, variant):
    """Counts, labels and order; MMAction2 finds every video."""
    output = build('--variant', variant)
    for name, expected in COUNTS[variant].items():
        file = f'data/ucf_hmdb_{variant}/{name}.txt'
        assert counts(file) == expected
        assert pairs(file) == official(name, CLASSES[variant])
        assert f'{name}.txt: {sum(expected)} of {sum(expected)}' in output
        prefix = dict(video=VIDEOS[name.split('_')[0]])
        videos = VideoDataset(file, [], data_prefix=prefix)
        infos = [videos.get_data_info(i) for i in range(len(videos))]
        files = {info['filename'] for info in infos}
        assert len(files) == len(videos) == sum(expected)
        assert all(map(os.path.isfile, files))


@pytest.mark.parametrize('deleted', SANITISED)
@pytest.mark.parametrize('flat', [False, True])
def test_sanitised_names(split_files, deleted, flat):
    """Names, endings and folders may differ from the official ones."""

    def on_disk(path: str) -> str:
        path = path.translate(str.maketrans('', '', deleted))
        path = path.replace('.avi', '.MP4')
        return path.split('/')[1] if flat else path

    expected = {}
    for name in COUNTS['small']:
        expected[name] = [
            (on_disk(path), label)
            for path, label in official(name, CLASSES['small'])
        ]
        files = [path for path, _ in expected[name]]
        touch(VIDEOS[name.split('_')[0]], files)
    build('--variant', 'small', '--out', 'lists')
    for name in COUNTS['small']:
        assert pairs(f'lists/{name}.txt') == expected[name]


@pytest.mark.parametrize(
    'file, name, old, new, expected',
    [
        (f'{UCF_SPLITS}/trainlist01.txt', 'Punch', 'Punch/', 'P/', 121),
        (f'{UCF_SPLITS}/testlist01.txt', 'Biking', 'Biking/', 'B/', 38),
        (f'{HMDB_SPLITS}/walk_test_split1.txt', 'walk', ' 1 ', ' 0 ', 70),
        (f'{HMDB_SPLITS}/golf_test_split1.txt', 'golf', ' 2 ', ' 0 ', 30),
    ],
)
def test_wrong_counts(split_files, file, name, old, new, expected):
    path = Path(file)
    path.write_text(path.read_text().replace(old, new, 1))
    output = build(fails=True)
    assert 'Traceback' not in output and repr(file) in output
    assert f'{name}: found {expected - 1}, expected {expected}' in output
    assert output.count('found') == 1 and 'Take it from' in output


@pytest.mark.parametrize(
    'file, archive',
    [
        (f'{UCF_SPLITS}/testlist01.txt', 'UCF101TrainTestSplits'),
        (f'{HMDB_SPLITS}/walk_test_split1.txt', 'test_train_splits.rar'),
    ],
)
def test_missing_split_file(split_files, file, archive):
    Path(file).unlink()
    output = build(fails=True)
    assert f'{file!r} is not there' in output and archive in output


def test_missing_folder(split_files):
    output = build('--ucf-videos', 'no/such', fails=True)
    assert "The folder of videos 'no/such' is not there" in output


def test_missing_videos(ucf_hmdb):
    gone = [f'Fencing/v_Fencing_g{n:02d}_c00.avi' for n in range(8, 15)]
    for name in gone:
        Path(VIDEOS['ucf'], name).unlink()
    output = build('--out', 'lists', fails=True)
    message = 'ucf_train: 7 of 1438 videos are not in'
    assert message in output and '--allow-missing' in output
    assert ', '.join(gone[:5]) in output and gone[5] not in output
    assert os.listdir('lists') == ['missing_ucf_train.txt']
    assert Path('lists/missing_ucf_train.txt').read_text().split() == gone

    output = build('--out', 'lists', '--allow-missing')
    assert message in output and 'fencing 70/77' in output
    assert 'ucf_train.txt: 1431 of 1438 videos' in output
    assert counts('lists/ucf_train.txt')[1] == 70

    touch(VIDEOS['ucf'], gone)
    build('--out', 'lists')
    assert {f'{n}.txt' for n in COUNTS['full']} == {*os.listdir('lists')}


def test_two_files_of_one_name(split_files):
    names = ['Punch/v_Punch_g08_c00.avi', 'v_Punch_g08_c00.mp4']
    touch(VIDEOS['ucf'], names)
    os.makedirs(VIDEOS['hmdb'])
    output = build('--allow-missing', fails=True)
    assert f'match {names[0]!r}: {names[1]}, {names[0]}.' in output
    assert not os.path.exists('data/ucf_hmdb_full')


# -- Kinetics and NEC-Drone -------------------------------------------------
def nec_names(split: str) -> list:
    """As many videos of every class as were published."""
    actors = [11, 12, 13]
    if split == 'nec_train':
        actors = [*range(1, 11), 17, 18, 19]
    names = []
    for code, number in zip(CODES, NEC[split]):
        for k in range(number):
            people = f'P{actors[k % len(actors)]:04d}'
            if code.startswith('B'):
                people += f'P{actors[k % len(actors) - 1]:04d}'
            drone, take = k % 2 + 1, k // 2 + 1
            names.append(
                f'NEC-Phantom-{drone:03d}-{code}-{people}-V{take:04d}'
            )
    return names


@pytest.fixture
def nec(tmp_path, monkeypatch):
    """NEC-Drone under the current directory, and no clip of Kinetics."""
    monkeypatch.chdir(tmp_path)
    names = nec_names('nec_train') + nec_names('nec_test')
    touch('nec', [f'{name}.avi' for name in names])
    os.mkdir('k400')


def build_nec(*args, fails: bool = False) -> str:
    return run_tool(
        'data/kinetics_necdrone/build_lists.py',
        *('--nec-videos', 'nec', '--kinetics-videos', 'k400'),
        *('--out', 'lists', *args),
        fails=fails,
    )


def write_csv(file: str, rows: list) -> None:
    write(file, ['label,youtube_id,time_start,time_end,split', *rows])


def test_nec(nec):
    touch('k400', ['marching/a.mp4'])
    more = [
        'NEC-Phantom-001-A0004-P0001-V0001.avi',  # another action
        'NEC-Phantom-001-A0001-P0014-V0001.avi',  # actors of neither split
        'NEC-Phantom-001-B0001-P0001P0014-V0001.avi',
        'NEC-Phantom-001-B0001-P0010P0011-V0001.avi',  # one of each
        'making_of.mp4',
    ]
    touch('nec', more)
    output = build_nec()
    for split, expected in NEC.items():
        assert counts(f'lists/{split}.txt') == expected
        labels = dict(zip(CODES, range(7)))
        assert pairs(f'lists/{split}.txt') == [
            (f'{n}.avi', labels[n.split('-')[3]])
            for n in sorted(nec_names(split))
        ]
    assert 'nec_train.txt: 435 of 435' in output and 'all 228/228' in output
    for number, reason in ((1, 'actions'), (3, 'actors'), (1, 'names')):
        assert f'{number} videos of other {reason} are left out' in output


def test_nec_counts(nec):
    """Too many walk: only a published list tells which; too few hug."""
    touch('k400', ['marching/a.mp4'])
    touch('nec', ['NEC-Phantom-001-A0001-P0001-V0099.avi'])
    os.remove(f'nec/{nec_names("nec_train")[-1]}.avi')
    output = build_nec(fails=True)
    assert 'walking: found 73, expected 72' in output
    assert 'hugging: found 55, expected 56' in output
    assert '--nec-list' in output and not os.path.exists('lists')

    output = build_nec('--allow-missing')
    assert 'walking 73/72' in output and 'hugging 55/56' in output

    for split in NEC:
        lines = [
            f'./nec/{n} 99 {CODES.index(n.split("-")[3])}'
            for n in nec_names(split)
        ]
        write(f'{split}.txt', lines)
    lists = ('--nec-list', 'nec_train.txt', 'nec_test.txt')
    output = build_nec(*lists, fails=True)
    assert 'nec_train: 1 of 435 videos are not in' in output
    build_nec(*lists, '--allow-missing')
    assert counts('lists/nec_train.txt') == [*NEC['nec_train'][:-1], 55]


def test_kinetics_annotations(nec):
    write_csv(
        'train.csv',
        [
            'javelin throw,-abc_DEF012,7,17,train',
            'abseiling,aaaaaaaaaaa,1,11,train',
            '"jumping into pool",bbbbbbbbbbb,101,111,train',
            'hugging (not baby),ccccccccccc,0,10,train',
        ],
    )
    write_csv('val.csv', ['hugging,ddddddddddd,3,13,validate'])
    touch(
        'k400',
        [
            'train/-abc_DEF012_000007_000017.mp4',
            'train/bbbbbbbbbbb_000101_000111.mkv',
            'train/bbbbbbbbbbb_000001_000011.mkv',
            'val/hugging/ddddddddddd_000003_000013.webm',
        ],
    )
    files = ('--kinetics-annotations', 'train.csv', 'val.csv')
    output = build_nec(*files, fails=True)
    assert 'kinetics_train: 1 of 3 videos are not in' in output
    lost = Path('lists/missing_kinetics_train.txt').read_text()
    assert lost == 'ccccccccccc_000000_000010\n'

    output = build_nec(*files, '--allow-missing')
    assert pairs('lists/kinetics_train.txt') == [
        ('train/-abc_DEF012_000007_000017.mp4', 4),
        ('train/bbbbbbbbbbb_000101_000111.mkv', 2),
    ]
    assert pairs('lists/kinetics_val.txt') == [
        ('val/hugging/ddddddddddd_000003_000013.webm', 6)
    ]
    assert 'follows no public rule' in output and 'throwing 1/3653' in output


def test_faulty_annotations(nec):
    option = '--kinetics-annotations'
    assert "'no.csv' is not there" in build_nec(option, 'no.csv', fails=True)
    write('train.csv', ['marching a 1 2'])
    output = build_nec(option, 'train.csv', fails=True)
    assert "['marching a 1 2'], expected label, youtube_id" in output
    write_csv('train.csv', ['abseiling,aaaaaaaaaaa,1,11,train'])
    output = build_nec(option, 'train.csv', fails=True)
    assert 'No training clip of our classes' in output


def test_kinetics_folders(nec):
    names = ['jumping_into_pool/a.mp4', 'abseiling/b.mp4', 'shot_put/c.mp4']
    touch('k400/train', names)
    touch('k400/val', ['running_on_treadmill/d.mp4'])
    build_nec()
    assert pairs('lists/kinetics_train.txt') == [
        ('train/jumping_into_pool/a.mp4', 2),
        ('train/shot_put/c.mp4', 4),
    ]
    assert pairs('lists/kinetics_val.txt') == [
        ('val/running_on_treadmill/d.mp4', 1)
    ]


def test_blanks_in_paths(nec):
    """Our lists are read with them."""
    touch('k400', ['marching/a.mp4', 'high jump/b.mp4'])
    build_nec()
    file = 'lists/kinetics_train.txt'
    listed = [('high jump/b.mp4', 2), ('marching/a.mp4', 0)]
    assert sorted(pairs(file)) == listed
    assert sorted((v.name, v.label) for v in read_list(file)) == listed
    assert not os.path.exists('lists/kinetics_val.txt')


def test_published_kinetics_list(nec):
    touch('k400', ['a_000001_000011.mp4', 'sub/b_000001_000011.mp4'])
    lines = ['./x/b_000001_000011 300 4', './x/a_000001_000011 250 0']
    write('train.txt', lines)
    output = build_nec('--kinetics-list', 'train.txt')
    assert pairs('lists/kinetics_train.txt') == [
        ('sub/b_000001_000011.mp4', 4),
        ('a_000001_000011.mp4', 0),
    ]
    assert 'follows no public rule' not in output
    write('train.txt', ['./x/a_000001_000011 250 7'])
    output = build_nec('--kinetics-list', 'train.txt', fails=True)
    assert "'./x/a_000001_000011 250 7' is not" in output


# -- UT-Interaction ---------------------------------------------------------
UT = 'ut_interaction/build_lists.py'
UT_NAMES = [
    f'{number}_{sequence}_{label}.avi'
    for number, (sequence, label) in enumerate(product(range(1, 21), range(6)))
]


def test_ut_interaction(tmp_path, monkeypatch):
    """Sets and splits by sequence, labels by the last number."""
    monkeypatch.chdir(tmp_path)
    folders = ['segmented_set1/', 'segmented_set2/']
    files = [folders[i >= 60] + name for i, name in enumerate(UT_NAMES)]
    touch('data/ut_interaction/videos', files)
    run_tool(f'data/{UT}')
    for number, split, first in (
        (1, 'train', 1),
        (1, 'test', 2),
        (2, 'train', 11),
        (2, 'test', 12),
    ):
        found = pairs(f'data/ut_interaction/ut{number}_{split}.txt')
        assert len(found) == 30
        assert sorted(found) == sorted(
            (file, int(file[-5]))
            for file in files
            if int(file.split('_')[-2]) in range(first, first + 9, 2)
        )


def test_ut_interaction_is_complete_or_refused(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    touch('videos', UT_NAMES[1:])
    output = run_tool(f'data/{UT}', '--videos', 'videos', fails=True)
    assert 'Wrong counts in ut1_train' in output
    assert 'handshake: found 4, expected 5' in output


# -- the real ones ----------------------------------------------------------
@pytest.fixture
def splits(tmp_path, monkeypatch) -> Path:
    folder = os.environ.get('MMACTION_UDA_TEST_DATA')
    if not folder:
        pytest.skip('MMACTION_UDA_TEST_DATA is not set')
    monkeypatch.chdir(tmp_path)
    return Path(folder).resolve() / 'splits'


def by_name(file) -> dict:
    """Label of every video of a list of ours or of the authors."""
    lines = [line.split() for line in open(file)]
    labels = {plain(line[0]): int(line[-1]) for line in lines}
    assert len(labels) == len(lines)
    return labels


@pytest.mark.parametrize('variant', COUNTS)
def test_official_ucf_hmdb(splits, variant):
    """Our lists hold the authors' videos under their labels."""
    ucf = splits / 'ucf101_official'
    hmdb = splits / 'hmdb51_official/testTrainMulti_7030_splits'
    for file in ucf.glob('t*list01.txt'):
        names = [s.split()[0] for s in file.open()]
        touch(VIDEOS['ucf'], [n for n in names if n.split('/')[0] in UCF])
    for c in CLASSES[variant]:
        lines = (hmdb / f'{c}_test_split1.txt').open()
        touch(f'{VIDEOS["hmdb"]}/{c}', [s.split()[0] for s in lines])
    build(
        *('--variant', variant, '--ucf-splits', ucf, '--hmdb-splits', hmdb),
        *('--out', 'lists'),
    )
    for name, expected in COUNTS[variant].items():
        theirs = splits / f'ucf_hmdb_{variant}' / f'{name}.txt'
        theirs = str(theirs).replace('test.txt', 'eval.txt')
        assert by_name(f'lists/{name}.txt') == by_name(theirs)
        assert counts(f'lists/{name}.txt') == expected


def test_official_nec(splits):
    """The names alone give the authors' splits and labels."""
    lists = splits / 'kinetics_necdrone'
    kinetics = lists / 'kinetics_eval.txt'
    touch('k400', [f'{name}.mp4' for name in by_name(kinetics)])
    for split in ('train', 'eval'):
        theirs = by_name(lists / f'nec_{split}.txt')
        touch('nec', [f'{name}.avi' for name in theirs])
    build_nec('--kinetics-list', kinetics)
    for ours, theirs in (
        ('nec_train', lists / 'nec_train.txt'),
        ('nec_test', lists / 'nec_eval.txt'),
        ('kinetics_train', kinetics),
    ):
        assert by_name(f'lists/{ours}.txt') == by_name(theirs)
    for split, expected in NEC.items():
        assert counts(f'lists/{split}.txt') == expected


def test_official_ut_interaction(splits):
    """The names give the lists that lie beside the videos."""
    videos = splits.parent / 'videos/ut_interaction'
    run_tool(f'data/{UT}', '--videos', videos, '--out', 'lists')
    for number, split in product((1, 2), ('train', 'test')):
        theirs = videos / f'ut_set{number}_{split}.txt'
        ours = f'lists/ut{number}_{split}.txt'
        assert sorted(pairs(ours)) == sorted(pairs(theirs))
