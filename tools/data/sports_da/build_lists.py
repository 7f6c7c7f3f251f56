"""Lists of Sports-DA from those that are published; see the README beside."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _published import Domain, add_options, build_published, folders_of
from cli import make_parser, told

# Class: folders of UCF101, of Kinetics-600.
FOLDERS = {
    'archery': ('Archery', 'archery'),
    'baseball': (
        'BaseballPitch',
        'hitting_baseball catching_or_throwing_baseball',
    ),
    'basketball': ('Basketball', 'shooting_basketball playing_basketball'),
    'biking': ('Biking', 'riding_a_bike'),
    'bowling': ('Bowling', 'bowling'),
    'breast_stroke': ('BreastStroke', 'swimming_breast_stroke'),
    'diving': ('Diving', 'springboard_diving'),
    'fencing': ('Fencing', 'fencing_sport'),
    'hockey': ('FieldHockeyPenalty', 'playing_field_hockey'),
    'floor_gymnastics': ('FloorGymnastics', 'gymnastics_tumbling'),
    'golfing': ('GolfSwing', 'golf_chipping golf_putting golf_driving'),
    'horseback_riding': ('HorseRace', 'riding_or_walking_with_horse'),
    'kayaking': ('Kayaking', 'canoeing_or_kayaking'),
    'rock_climbing': ('RockClimbingIndoor', 'rock_climbing'),
    'rope_climbing': ('RopeClimbing', 'climbing_a_rope'),
    'skateboarding': ('SkateBoarding', 'skateboarding'),
    'skiing': ('Skiing', 'skiing_crosscountry skiing_mono'),
    'sumo_wrestling': ('SumoWrestling', 'wrestling'),
    'surfing': ('Surfing', 'surfing_water'),
    'taichi': ('TaiChi', 'tai_chi'),
    'tennis': ('TennisSwing', 'playing_tennis'),
    'trampoline_jumping': ('TrampolineJumping', 'bouncing_on_trampoline'),
    'volleyball': ('VolleyballSpiking', 'playing_volleyball'),
}
CLASSES = tuple(FOLDERS)
UCF101, KINETICS = map(list, zip(*FOLDERS.values()))


def counts(train: str, test: str) -> dict:
    """Videos of each class."""
    return dict(
        train=tuple(map(int, train.split())),
        test=tuple(map(int, test.split())),
    )


DOMAINS = (
    Domain(
        'ucf101',
        'ucf101_msda',
        'data/ucf101/videos',
        {
            '': counts(
                '104 107 99 96 112 73 105 77 86 89 100 89 105 103 85 88 95 82 '
                '93 72 117 87 81',
                '41 43 35 38 43 28 45 34 40 36 39 35 36 41 34 32 40 34 33 28 '
                '49 32 35',
            )
        },
        folders_of(*UCF101),
    ),
    Domain(
        'sports1m',
        'sports1m_msda',
        'data/sports1m/videos',
        {
            'short': counts(
                '698 496 548 700 693 618 752 712 773 700 321 626 557 573 773 '
                '547 692 78 460 718 190 738 624',
                '85 177 69 78 92 79 76 51 73 54 82 66 70 70 106 82 80 9 64 84 '
                '26 70 87',
            ),
            'full': counts(
                '728 537 576 726 722 676 772 766 808 766 329 775 599 634 854 '
                '586 750 219 484 744 222 823 658',
                '89 183 73 82 95 87 78 54 75 57 84 101 75 77 115 102 88 24 68 '
                '85 37 78 93',
            ),
        },
    ),
    Domain(
        'kinetics',
        'kinetics_sports_msda',
        'data/kinetics600/videos',
        {
            '': counts(
                '825 1138 1297 490 711 749 627 484 633 866 1939 845 870 866 '
                '751 842 1060 516 520 735 816 747 777',
                '79 161 154 79 90 71 69 11 11 79 218 88 76 89 56 69 90 76 83 '
                '88 89 65 71',
            )
        },
        folders_of(*KINETICS),
    ),
)


def main() -> None:
    """Write the lists of all domains, or of some."""
    parser = make_parser(
        __doc__,
        'python tools/data/sports_da/build_lists.py --lists '
        'dallv/txt/sports_da',
    )
    add_options(parser, DOMAINS, 'data/sports_da')
    args = parser.parse_args()
    with told(args.debug):
        build_published(args, DOMAINS, CLASSES)


if __name__ == '__main__':
    main()
