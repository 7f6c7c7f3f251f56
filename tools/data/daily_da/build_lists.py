"""Lists of Daily-DA from those that are published; see the README beside."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parents[2]))
from _published import Domain, add_options, build_published, folders_of
from cli import make_parser, told

CLASSES = ('drink', 'jump', 'pick', 'pour', 'push', 'run', 'walk', 'wave')
DOMAINS = (
    Domain(
        'arid',
        'arid_msda',
        'data/arid/videos',
        {
            '': dict(
                train=(290, 372, 184, 325, 342, 412, 432, 419),
                test=(159, 125, 93, 153, 192, 178, 212, 177),
            )
        },
        folders_of(*(name.capitalize() for name in CLASSES)),
    ),
    Domain(
        'hmdb51',
        'hmdb51_msda',
        'data/hmdb51/videos',
        {'': dict(train=(70,) * 8, test=(30,) * 8)},
        folders_of(*CLASSES),
    ),
    Domain(
        'mit',
        'mit_msda',
        'data/mit/videos',
        {'': dict(train=(500,) * 8, test=(50,) * 8)},
        folders_of(
            *('drinking', 'jumping', 'picking', 'pouring', 'pushing'),
            *('running', 'walking', 'waving'),
        ),
    ),
    Domain(
        'kinetics',
        'kinetics_daily_msda',
        'data/kinetics600/videos',
        {
            '': dict(
                train=(650, 1803, 553, 492, 2894, 640, 1362, 565),
                test=(72, 119, 66, 12, 268, 67, 109, 12),
            )
        },
        folders_of(
            'drinking_shots',
            'jumping_bicycle jumping_into_pool jumping_jacks',
            'picking_fruit',
            'pouring_beer',
            'pushing_car pushing_cart pushing_wheelbarrow pushing_wheelchair',
            'running_on_treadmill',
            'walking_the_dog walking_through_snow',
            'waving_hand',
        ),
    ),
)


def main() -> None:
    """Write the lists of all domains, or of some."""
    parser = make_parser(
        __doc__,
        'python tools/data/daily_da/build_lists.py --lists dallv/txt/daily_da',
    )
    add_options(parser, DOMAINS, 'data/daily_da')
    args = parser.parse_args()
    with told(args.debug):
        build_published(args, DOMAINS, CLASSES)


if __name__ == '__main__':
    main()
