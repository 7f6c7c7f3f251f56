"""Builders of Daily-DA, Sports-DA, EPIC-Kitchens and ActorShift.

On lists in the published formats; with MMACTION_UDA_TEST_DATA also on those
that were published.
"""

import os
import random
from collections import Counter
from pathlib import Path

import pytest
from helpers.runs import run_tool

from mmaction_uda.datasets.segment_dataset import read_segments

DAILY = 'drink jump pick pour push run walk wave'.split()
# Videos of every class, training and test.
COUNTS = dict(
    daily_da=dict(
        arid=(
            [290, 372, 184, 325, 342, 412, 432, 419],
            [159, 125, 93, 153, 192, 178, 212, 177],
        ),
        hmdb51=([70] * 8, [30] * 8),
        mit=([500] * 8, [50] * 8),
        kinetics=(
            [650, 1803, 553, 492, 2894, 640, 1362, 565],
            [72, 119, 66, 12, 268, 67, 109, 12],
        ),
    ),
    sports_da=dict(
        ucf101=(
            '104 107 99 96 112 73 105 77 86 89 100 89 105 103 85 88 95 82 93 '
            '72 117 87 81',
            '41 43 35 38 43 28 45 34 40 36 39 35 36 41 34 32 40 34 33 28 49 '
            '32 35',
        ),
        sports1m=(
            '698 496 548 700 693 618 752 712 773 700 321 626 557 573 773 547 '
            '692 78 460 718 190 738 624',
            '85 177 69 78 92 79 76 51 73 54 82 66 70 70 106 82 80 9 64 84 26 '
            '70 87',
        ),
        kinetics=(
            '825 1138 1297 490 711 749 627 484 633 866 1939 845 870 866 751 '
            '842 1060 516 520 735 816 747 777',
            '79 161 154 79 90 71 69 11 11 79 218 88 76 89 56 69 90 76 83 88 '
            '89 65 71',
        ),
    ),
)
COUNTS['sports_da'] = {
    name: tuple([int(n) for n in text.split()] for text in pair)
    for name, pair in COUNTS['sports_da'].items()
}
FULL = (
    '728 537 576 726 722 676 772 766 808 766 329 775 599 634 854 586 750 219 '
    '484 744 222 823 658',
    '89 183 73 82 95 87 78 54 75 57 84 101 75 77 115 102 88 24 68 85 37 78 93',
)
FULL = tuple([int(n) for n in text.split()] for text in FULL)
TOTALS = dict(  # as published
    daily_da=dict(
        arid=(2776, 1289),
        hmdb51=(560, 240),
        mit=(4000, 400),
        kinetics=(8959, 725),
    ),
    sports_da=dict(
        ucf101=(2145, 851), sports1m=(13587, 1730), kinetics=(19104, 1962)
    ),
)
PUBLISHED = dict(
    arid='arid_msda',
    hmdb51='hmdb51_msda',
    mit='mit_msda',
    ucf101='ucf101_msda',
    sports1m='sports1m_msda',
)
KINETICS = dict(
    daily_da='kinetics_daily_msda', sports_da='kinetics_sports_msda'
)
ENDINGS = dict(hmdb51='avi', ucf101='avi', sports1m='mkv')
ING = (
    'drinking jumping picking pouring pushing running walking waving'
).split()
SEGMENTS = dict(
    d1_train=[421, 383, 231, 128, 223, 71, 42, 44],
    d1_test=[124, 104, 52, 34, 66, 13, 20, 22],
    d2_train=[715, 692, 245, 214, 298, 89, 113, 129],
    d2_test=[208, 217, 68, 56, 136, 14, 26, 25],
    d3_train=[919, 1121, 450, 367, 808, 110, 53, 69],
    d3_test=[241, 280, 102, 71, 245, 29, 1, 5],
)


def path_of(domain: str, split: str, label: int, number: int) -> str:
    """A path as the published lists have it; tests lack folders of classes
    in Kinetics alone."""
    daily = DAILY[label % 8]
    name = f'{split}{label}_{number}'
    return dict(
        arid=f'ARID/frames/{daily.title()}/{daily.title()}_{name}',
        hmdb51=f'hmdb51/{daily}/X_{daily}_u_nm_{name}.avi',
        # The same name in two classes, twice.
        mit=f'mit/{split}ing/{ING[label % 8]}/yt-{number % 501}_{split}'
        if number in (7, 8)
        else f'mit/{split}ing/{ING[label % 8]}/yt-{name}',
        kinetics=f'kinetics/{split}/{name}_000001_000011',
        ucf101=f'v_{name}',
        sports1m=f'-{name}',
    )[domain]


def write_published(benchmark: str, gaps: int = 0, **counts) -> dict:
    """Lists in a shuffled order; all paths, by domain."""
    rng = random.Random(0)
    found = {}
    for domain, splits in {**COUNTS[benchmark], **counts}.items():
        stem = PUBLISHED.get(domain, KINETICS[benchmark])
        for split, numbers in zip(('train', 'test'), splits):
            lines = [
                (label, path_of(domain, split, label, i))
                for label, number in enumerate(numbers)
                for i in range(number)
            ]
            rng.shuffle(lines)
            file = Path(f'published/deep/{stem}_{split}.txt')
            file.parent.mkdir(parents=True, exist_ok=True)
            text = '\n'.join(
                f'{i + gaps * (i > 5)}\t{label}\t{path}'
                for i, (label, path) in enumerate(lines)
            )
            file.write_text(text)  # without a line feed at the end
            found[f'{domain}_{split}'] = {path: c for c, path in lines}
    return found


def touch(files) -> None:
    """Empty videos, which the builders do not read."""
    Path('empty').touch()
    for file in map(Path, files):
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            os.link('empty', file)


def place(path: str, domain: str) -> str:
    """Where a user has a video: another ending, blanks in folders."""
    stem = path.removesuffix('.avi')
    return f'videos/{domain}/{stem}.{ENDINGS.get(domain, "mp4")}'


def build(benchmark: str, *args, fails: bool = False) -> str:
    folders = [
        part
        for domain in COUNTS[benchmark]
        for part in (f'--{domain}-videos', f'videos/{domain}')
    ]
    return run_tool(
        f'data/{benchmark}/build_lists.py',
        *('--lists', 'published', '--out', 'lists', *folders, *args),
        fails=fails,
    )


def read(file: str) -> dict:
    lines = [x.rsplit(' ', 1) for x in Path(file).read_text().splitlines()]
    found = {path: int(label) for path, label in lines}
    assert len(found) == len(lines)
    return found


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize('benchmark', COUNTS)
def test_published_lists(benchmark):
    """Counts, labels, order; every line is a video that is there."""
    published = write_published(benchmark, gaps=3)
    for name, labels in published.items():
        domain = name.split('_')[0]
        touch(place(path, domain) for path in labels)
    output = build(benchmark)
    for name, labels in published.items():
        domain, split = name.split('_')
        found = read(f'lists/{name}.txt')
        assert [*found.items()] == [
            (place(path, domain).removeprefix(f'videos/{domain}/'), label)
            for path, label in labels.items()
        ]
        numbers = COUNTS[benchmark][domain][split == 'test']
        total = TOTALS[benchmark][domain][split == 'test']
        assert sum(numbers) == total
        assert f'{name}.txt: {total} of {total} videos' in output
        assert f'all {total}/{total}' in output
    assert ('the short lists, 13587 / 1730' in output) == (
        benchmark == 'sports_da'
    )


def test_the_full_lists_of_sports1m():
    published = write_published('sports_da', sports1m=FULL)
    for split in ('train', 'test'):
        paths = published[f'sports1m_{split}']
        touch(place(path, 'sports1m') for path in paths)
    output = build('sports_da', '--domains', 'sports1m')
    assert 'the full lists, 14754 / 1900 videos' in output
    assert sorted(os.listdir('lists')) == [
        'sports1m_test.txt',
        'sports1m_train.txt',
    ]


def test_versions_are_not_mixed():
    short = COUNTS['sports_da']['sports1m']
    write_published('sports_da', sports1m=(short[0], FULL[1]))
    output = build('sports_da', '--domains', 'sports1m', fails=True)
    assert 'Wrong counts in sports1m_msda_test.txt (of the short' in output
    assert 'archery: found 89, expected 85' in output
    assert 'Traceback' not in output and not os.path.exists('lists')


def test_other_lists_are_taken_where_it_is_said():
    labels = [[2] * 8, [1] * 8]
    published = write_published('daily_da', hmdb51=labels)
    os.makedirs('videos/hmdb51')
    output = build('daily_da', '--domains', 'hmdb51', fails=True)
    assert 'drink: found 2, expected 70' in output
    touch(place(path, 'hmdb51') for path in published['hmdb51_train'])
    touch(place(path, 'hmdb51') for path in published['hmdb51_test'])
    lost = place([*published['hmdb51_test']][0], 'hmdb51')
    os.remove(lost)
    output = build('daily_da', '--domains', 'hmdb51', '--allow-missing')
    assert 'these are not the lists whose numbers we know' in output
    assert 'hmdb51_test: 1 of 8 videos are not in' in output
    assert len(read('lists/hmdb51_test.txt')) == 7


def test_missing_videos_are_counted():
    published = write_published('daily_da')
    paths = [*published['arid_train'], *published['arid_test']]
    touch(place(path, 'arid') for path in paths[3:])
    output = build('daily_da', '--domains', 'arid', fails=True)
    assert 'arid_train: 3 of 2776 videos are not in' in output
    assert 'No list was written' in output and '--allow-missing' in output
    output = build('daily_da', '--domains', 'arid', '--allow-missing')
    assert 'arid_train.txt: 2773 of 2776 videos' in output


@pytest.mark.parametrize(
    ('old', 'new', 'fault'),
    [
        ('0\t', '0 ', 'is not `index<TAB>label<TAB>path`'),
        ('\t0\t', '\t9\t', 'is not `index<TAB>label<TAB>path`'),
        ('/drink/', '/wave/', 'its folder is of label 7'),
    ],
)
def test_faulty_lines(old, new, fault):
    write_published('daily_da')
    file = Path('published/deep/hmdb51_msda_train.txt')
    lines = file.read_text().splitlines()
    number = next(i for i, x in enumerate(lines) if '\t0\t' in x)
    lines[number] = lines[number].replace(old, new, 1)
    file.write_text('\n'.join(lines))
    output = build('daily_da', '--domains', 'hmdb51', fails=True)
    assert f'line {number + 1}, ' in output and fault in output
    assert str(file) in output and 'Traceback' not in output


def test_lists_that_are_not_there():
    os.makedirs('published')
    output = build('daily_da', fails=True)
    assert "0 files below 'published' are called 'arid_msda_train" in output
    assert "called 'kinetics_daily_msda_train" in output  # all at once
    write_published('daily_da')
    os.link(
        'published/deep/arid_msda_train.txt', 'published/arid_msda_train.txt'
    )
    output = build('daily_da', fails=True)
    assert "2 files below 'published'" in output and '/deep/' in output


def test_one_file_is_not_two_videos():
    """A clip that stands in two classes, of which one folder is there."""
    published = write_published('daily_da')
    for split in ('train', 'test'):
        touch(place(path, 'mit') for path in published[f'mit_{split}'])
    twice = [p for p in published['mit_train'] if p.endswith('/yt-7_train')]
    assert len(twice) == 8
    os.remove(place(twice[0], 'mit'))
    output = build('daily_da', '--domains', 'mit', fails=True)
    assert '7 files in' in output and 'match' in output


# -- EPIC-Kitchens ----------------------------------------------------------
EPIC = 'data/epic_kitchens/build_lists.py'
PEOPLE = dict(d1='P08', d2='P01', d3='P22')


def write_epic(csv: bool = False) -> dict:
    """Segments in the published format, two for one time."""
    found = {}
    Path('published').mkdir()
    for name, numbers in SEGMENTS.items():
        domain, split = name.split('_')
        rows = []
        for verb, number in enumerate(numbers):
            for i in range(number):
                video = (
                    f'{PEOPLE[domain]}_{(split == "test") + 2 * (i % 3):02d}'
                )
                start = 1 + 40 * (i // 2)
                rows.append((video, start, start + 30, verb))
        role = dict(train='source', test='target')[split]
        stem = f'published/{domain.upper()}'
        if csv:
            head = 'uid,video_id,start_frame,stop_frame,verb,verb_class\n'
            lines = [f'7,{v},{a},{b},x,{c}' for v, a, b, c in rows]
            Path(f'{stem}_{split}.csv').write_text(head + '\n'.join(lines))
        else:
            lines = [
                f'{v[:3]}/rgb_frames/{v} {a} {b} {c}' for v, a, b, c in rows
            ]
            Path(f'{stem}_{role}.txt').write_text('\n'.join(lines))
        found[name] = rows
    videos = {row[0] for rows in found.values() for row in rows}
    touch(f'videos/{v[:3]}/{v}.MP4' for v in videos)
    return found


def build_epic(*args, fails: bool = False) -> str:
    args = ('--lists', 'published', '--videos', 'videos', *args)
    return run_tool(EPIC, *args, '--out', 'lists', fails=fails)


@pytest.mark.parametrize('csv', [False, True])
def test_epic_kitchens(csv):
    """Source is training, target is test; ours count frames from 0."""
    published = write_epic(csv)
    output = build_epic()
    for name, rows in published.items():
        lines = read_segments(f'lists/{name}.txt')
        assert [(x.name, x.segment, x.label) for x in lines] == [
            (f'{v[:3]}/{v}.MP4', (a - 1, b - 1), c) for v, a, b, c in rows
        ]
        found = Counter(line.label for line in lines)
        assert [found[verb] for verb in range(8)] == SEGMENTS[name]
        total = len(rows)
        assert f'{name}.txt: {total} of {total} segments' in output


def test_epic_kitchens_without_a_video():
    published = write_epic()
    os.remove('videos/P22/P22_00.MP4')
    output = build_epic(fails=True)
    assert '1 videos are not in' in output and 'P22_00' in output
    assert not os.path.exists('lists')
    left = [row for row in published['d3_train'] if row[0] != 'P22_00']
    output = build_epic('--allow-missing')
    total = len(published['d3_train'])
    assert f'd3_train.txt: {len(left)} of {total} segments' in output
    assert len(read_segments('lists/d3_train.txt')) == len(left)


def test_epic_kitchens_is_complete_or_refused():
    write_epic()
    file = Path('published/D1_source.txt')
    file.write_text('\n'.join(file.read_text().splitlines()[1:]))
    output = build_epic(fails=True)
    assert 'take: found 420, expected 421' in output
    Path('published/D3_target.txt').unlink()
    file.write_text('P08_01 9 9 0')
    output = build_epic(fails=True)
    assert "'P08_01 9 9 0' is not `video start stop verb`" in output
    assert 'D3_target.txt' in output  # all at once
    file.rename('published/D1_train.pkl')
    output = build_epic(fails=True)
    assert 'runs code of its writer' in output and 'to_csv' in output
    assert 'Traceback' not in output


# -- ActorShift -------------------------------------------------------------
def test_actorshift():
    """Numbers or names; the animals for training need no label."""
    touch(['p/a.mp4', 'p/b c.mp4', 'q/d.mp4', 'q/e.mp4', 'q/f.mp4'])
    Path('people.txt').write_text('a 0\nb c.mp4 Opening_a_door\n')
    Path('train.txt').write_text('d.mp4\ne watching_tv\n')
    Path('test.txt').write_text('f.mp4 6\n')
    args = (
        *('--people-train', 'people.txt', '--animal-train', 'train.txt'),
        *('--animal-test', 'test.txt', '--out', 'lists'),
        *('--people-videos', 'p', '--animal-videos', 'q'),
    )
    tool = 'data/actorshift/build_lists.py'
    output = run_tool(tool, *args)
    assert read('lists/people_train.txt') == {'a.mp4': 0, 'b c.mp4': 6}
    assert read('lists/animal_train.txt') == {'d.mp4': -1, 'e.mp4': 1}
    assert read('lists/animal_test.txt') == {'f.mp4': 6}
    assert 'people_train.txt: 2 of 2 videos' in output
    Path('test.txt').write_text('f.mp4 7\nf.mp4\n')
    output = run_tool(tool, *args, fails=True)
    assert '2 lines are not `path label`' in output and 'f.mp4 7' in output


# -- the real ones ----------------------------------------------------------
@pytest.fixture
def splits(folder) -> Path:
    data = os.environ.get('MMACTION_UDA_TEST_DATA')
    if not data:
        pytest.skip('MMACTION_UDA_TEST_DATA is not set')
    return Path(data) / 'splits'


def real(file: Path) -> dict:
    lines = [line.split('\t') for line in file.read_text().splitlines()]
    return {path: int(label) for _, label, path in lines}


@pytest.mark.parametrize('benchmark', COUNTS)
def test_real_lists(splits, benchmark):
    os.symlink(splits / benchmark, 'published')
    theirs = {}
    for domain in COUNTS[benchmark]:
        stem = PUBLISHED.get(domain, KINETICS[benchmark])
        for split in ('train', 'test'):
            labels = real(splits / benchmark / f'{stem}_{split}.txt')
            theirs[f'{domain}_{split}'] = labels
            touch(place(path, domain) for path in labels)
    build(benchmark)
    for name, labels in theirs.items():
        domain, split = name.split('_')
        found = read(f'lists/{name}.txt')
        assert [*found.values()] == [*labels.values()]
        assert [f'videos/{domain}/{path}' for path in found] == [
            place(path, domain) for path in labels
        ]
        numbers = Counter(found.values())
        expected = COUNTS[benchmark][domain][split == 'test']
        assert [numbers[c] for c in range(len(expected))] == expected


def test_real_epic_kitchens(splits):
    os.symlink(splits / 'epic_kitchens', 'published')
    for file in Path('published').glob('D*.txt'):
        names = {line.split()[0] for line in file.open()}
        touch(f'videos/{os.path.basename(name)}.MP4' for name in names)
    build_epic()
    for name, numbers in SEGMENTS.items():
        lines = read_segments(f'lists/{name}.txt')
        found = Counter(line.label for line in lines)
        assert [found[verb] for verb in range(8)] == numbers
        assert min(b - a for a, b in (x.segment for x in lines)) >= 30


def test_real_lists_are_the_official_splits(splits):
    """UCF101's and HMDB51's, split 1."""
    for split in ('train', 'test'):
        theirs = real(splits / f'sports_da/ucf101_msda_{split}.txt')
        folders = {path.split('/')[0] for path in theirs}
        official = splits / f'ucf101_official/{split}list01.txt'
        names = [line.split()[0] for line in official.open()]
        assert {n[:-4] for n in names if n.split('/')[0] in folders} == {
            *theirs
        }
        theirs = real(splits / f'daily_da/hmdb51_msda_{split}.txt')
        flag = dict(train='1', test='2')[split]
        names = {
            f'hmdb51/{c}/{line.split()[0]}'
            for c in DAILY
            for line in (
                splits / 'hmdb51_official/testTrainMulti_7030_splits'
                f'/{c}_test_split1.txt'
            ).open()
            if line.split()[1] == flag
        }
        assert names == {*theirs}
