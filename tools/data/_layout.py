"""How other code lays out features; no tool itself."""

import argparse

LAYOUTS = ('t7', 'npy', 'npz')


def add_layout(parser: argparse.ArgumentParser) -> None:
    """How other code lays out features."""
    parser.add_argument(
        '--layout',
        required=True,
        choices=LAYOUTS,
        help='t7: VIDEO/img_%%05d.t7, a 1-D tensor each; npy, npz: one array '
        '[N, C] per video',
    )
