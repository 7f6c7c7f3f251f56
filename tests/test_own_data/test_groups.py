"""What file names say of the recording that a video shows."""

import pytest

from mmaction_uda.faults import Faults
from mmaction_uda.own_data.domains import Domain, Video
from mmaction_uda.own_data.groups import find_groups, group_of
from mmaction_uda.own_data.splitting import split


@pytest.mark.parametrize(
    ('name', 'label', 'group'),
    [
        ('Punch/v_Punch_g01_c02.avi', 'Punch', 'v_punch_g01'),
        ('v_HandstandPushups_g12_c10.avi', 'x', 'v_handstandpushups_g12'),
        ('Eric_Axley_golf_f_cm_np1_le_goo_0.avi', 'golf', 'eric_axley'),
        (
            'Amazing_@2_kick_ball_u_cm_np1_ba_bad_0.avi',
            'kick_ball',
            'amazing_@2',
        ),
        # The class's name is the last one; HMDB51's films may hold it too.
        ('run_lola_run_run_f_cm_np1_le_bad_2.avi', 'run', 'run_lola_run'),
        ('50_FIRST_DATES_run_f_cm_np1_ba_med_12.avi', 'run', '50_first_dates'),
        ('wave/daria_wave1.avi', 'wave', 'daria'),
        ('person01_boxing_d1_uncomp.avi', 'boxing', 'person01'),
        ('Sit Down/p3-sit_down-2.mp4', 'Sit Down', 'p3'),
        ('walk/walk_anna_03.mp4', 'walk', 'anna'),
        ('walk_000.mp4', 'walk', ''),
        ('-abc_DEF_000007_000017.mp4', 'x', 'abc_def'),
        ('trip (2).mp4', 'x', 'trip'),
        ('s1_v2_c3.mp4', 'x', 's1'),
        ('person7.mp4', 'x', 'person'),
        ('person7_2.mp4', 'x', 'person7'),
        ('17_3_0.avi', 'x', '17'),
        ('0042.mp4', 'x', ''),
        ('einsame_straße.mp4', 'x', 'einsame_strasse'),
    ],
)
def test_group_of(name, label, group):
    assert group_of(Video(name, label)) == group.lower()


def domain(*names: str) -> Domain:
    return Domain('source', 'x', [Video(n, n.split('/')[0]) for n in names])


def groups(found: Domain) -> list:
    return [video.group for video in found.videos]


def test_groups_hold_across_classes():
    videos = domain(
        *(f'{c}/{p}_{c}.mp4' for c in ('run', 'walk') for p in 'abc')
    )
    said = find_groups(videos)
    assert groups(videos) == [*'abcabc']
    assert said.startswith('3 groups by file names, 3 of them with several')


@pytest.mark.parametrize(
    ('names', 'said'),
    [
        (
            [f'run/video_{i:03d}.mp4' for i in range(9)],
            "9 of 9 names begin with 'video'",
        ),
        ([f'run/{i}.mp4' for i in range(9)], 'no two file names'),
        (['run/a1.mp4', 'run/a2.mp4', 'run/b1.mp4'], '2 of 3 names'),
    ],
)
def test_names_that_say_nothing(names, said):
    videos = domain(*names)
    assert said in find_groups(videos)
    assert groups(videos) == [''] * len(names)


def test_a_rule_of_ones_own():
    videos = domain(*(f'run/{i}_{i // 3}_0.avi' for i in range(6)))
    find_groups(videos, r'\d+_(\d+)_')
    assert groups(videos) == [*'000111']
    with pytest.raises(Faults, match='no regular expression'):
        find_groups(videos, '(')
    with pytest.raises(Faults, match="nothing in 6 of 6 names.*'run/0_0_0"):
        find_groups(videos, 'take(.)')


# -- the split ----------------------------------------------------------------
def in_test(found: Domain) -> dict:
    """Videos of every class in the test."""
    counts = dict.fromkeys(found.classes, 0)
    for video in found.videos:
        counts[video.label] += video.split == 'test'
    return counts


@pytest.mark.parametrize(
    ('share', 'expected'),
    [(0.3, [3, 2, 1, 1, 0]), (0.5, [5, 4, 2, 1, 0]), (0.01, [1, 1, 1, 1, 0])],
)
def test_share_of_every_class(share, expected):
    sizes = dict(a=10, b=7, c=3, d=2, e=1)
    names = [f'{c}/{c}{i}x.mp4' for c, n in sizes.items() for i in range(n)]
    videos = domain(*names)
    split(videos, share, 0)
    assert [*in_test(videos).values()] == expected
    again = domain(*names)
    split(again, share, 0)
    assert again == videos
    split(other := domain(*names), share, 1)
    assert other != videos


def test_no_group_is_split():
    """Twelve persons in three classes, one of them in one class alone."""
    persons = [chr(97 + i) for i in range(12)]
    names = [
        f'{c}/{p}_{c}{take}.mp4'
        for c in ('run', 'walk', 'wave')
        for p in persons[: 12 if c != 'wave' else 11]
        for take in (1, 2)
    ]
    videos = domain(*names)
    find_groups(videos)
    split(videos, 0.3, 0)
    splits = {}
    for video in videos.videos:
        splits.setdefault(video.group, set()).add(video.split)
    assert len(splits) == 12 and all(len(s) == 1 for s in splits.values())
    assert sorted(in_test(videos).values()) == [6, 6, 6]


def test_a_class_of_one_group_is_not_tested():
    names = [f'run/{p}_run{i}.mp4' for p in 'abd' for i in (1, 2)]
    names += [f'walk/c_walk{i}.mp4' for i in (1, 2)]
    videos = domain(*names)
    find_groups(videos)
    split(videos, 0.3, 0)
    assert in_test(videos) == dict(run=2, walk=0)


def test_what_has_no_label_is_trained_on():
    videos = domain('a/1.mp4', 'a/2.mp4')
    videos.videos.append(Video('3.mp4', None))
    split(videos, 0.5, 0)
    assert videos.videos[-1].split == 'train' and number_tested(videos) == 1


def number_tested(found: Domain) -> int:
    return sum(video.split == 'test' for video in found.videos)
