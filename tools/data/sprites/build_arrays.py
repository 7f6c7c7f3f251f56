"""Arrays of the two domains of Sprites from LPC sheets; see the README."""

import os
import os.path as osp
import sys
from itertools import product
from pathlib import Path
from typing import Dict, List

import numpy as np
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[2]))
from cli import make_parser, told

CELL = 64
COLUMNS = 13
# The rows of a sheet: four views of every action, in these orders.
ROWS = ('back', 'left', 'front', 'right')
VIEWS = ('front', 'left', 'right')  # those that are used
# By action, in the order of the blocks of rows: the cells of the 8 frames.
CELLS = dict(
    spellcard=(0, 1, 2, 3, 4, 5, 4, 6),
    thrust=(0, 1, 2, 3, 4, 5, 6, 7),
    walk=(1, 2, 3, 4, 5, 6, 7, 8),
    slash=(0, 1, 2, 3, 4, 5, 4, 0),
    shoot=(0, 1, 2, 3, 4, 5, 6, 7),
)
# Layers of an avatar, from the lowest to the highest.
LAYERS = ('body', 'bottom', 'top', 'hair')
POOLS = {
    1: dict(
        body=['human'],
        bottom=['white', 'golden', 'red', 'silver'],
        top=['brown', 'blue', 'white'],
        hair=['green', 'yellow', 'rose', 'red', 'wine'],
    ),
    2: dict(
        body=['alien'],
        top=['grey', 'khaki', 'linen', 'ocre'],
        hair=['violet', 'silver', 'purple', 'grey', 'golden'],
    ),
}
HEIGHT = CELL * len(ROWS) * len(CELLS)


def read_sheet(path: str) -> Image.Image:
    """A layer, RGBA, cut to the rows that are used."""
    try:
        sheet = Image.open(path).convert('RGBA')
    except OSError as error:
        raise ValueError(
            f'{path!r} cannot be read ({error}). See the README.'
        ) from error
    if sheet.width != COLUMNS * CELL or sheet.height < HEIGHT:
        raise ValueError(
            f'{path!r} is {sheet.width}x{sheet.height}: a sheet has '
            f'{COLUMNS} cells of {CELL} pixels a row ({COLUMNS * CELL}) and '
            f'at least {HEIGHT // CELL} rows ({HEIGHT}).'
        )
    return sheet.crop((0, 0, sheet.width, HEIGHT))


def compose(layers: List[Image.Image]) -> np.ndarray:
    """Lay sheets over each other and over black, ``[H, W, 3]``, uint8."""
    whole = Image.new('RGBA', layers[0].size, (0, 0, 0, 255))
    for layer in layers:
        whole = Image.alpha_composite(whole, layer)
    return np.asarray(whole)[..., :3]


def sequence(sheet: np.ndarray, action: str, view: str) -> np.ndarray:
    """The 8 frames of an action, ``[8, 64, 64, 3]``."""
    block = list(CELLS).index(action) * len(ROWS)
    top = (block + ROWS.index(view)) * CELL
    row = sheet[top : top + CELL]
    return np.stack([row[:, c * CELL : (c + 1) * CELL] for c in CELLS[action]])


def build(sheets: str, out: str, pool: dict, vocabulary: dict) -> None:
    """Write the arrays of a domain, an avatar for each combination."""
    images = {
        (layer, name): read_sheet(osp.join(sheets, layer, f'{name}.png'))
        for layer in LAYERS
        for name in pool[layer]
    }
    avatars = list(product(*(pool[layer] for layer in LAYERS)))
    whole = [compose([images[k] for k in zip(LAYERS, a)]) for a in avatars]
    attributes = np.array(
        [[vocabulary[k].index(n) for k, n in zip(LAYERS, a)] for a in avatars]
    )
    os.makedirs(out, exist_ok=True)
    for action, view in product(CELLS, VIEWS):
        frames = np.stack([sequence(s, action, view) for s in whole])
        name = osp.join(out, f'{action}_{view}')
        np.save(f'{name}_frames_data.npy', frames)
        np.save(f'{name}_attributes_data.npy', attributes)
    print(f'{out}: {len(avatars)} avatars, {15 * len(avatars)} sequences')


def attribute_pools(alien_bottoms: List[str]) -> Dict[int, dict]:
    """Pools of both domains, which must have no attribute in common."""
    pools = {1: POOLS[1], 2: dict(POOLS[2], bottom=alien_bottoms)}
    for layer in LAYERS:
        both = set(pools[1][layer]) & set(pools[2][layer])
        if both:
            raise ValueError(
                f'{layer} {sorted(both)} is in both domains; name others.'
            )
    if len(set(alien_bottoms)) < len(alien_bottoms):
        raise ValueError(f'--alien-bottoms {alien_bottoms}: one comes twice.')
    return pools


def main() -> None:
    """Build both domains."""
    parser = make_parser(
        __doc__,
        'python tools/data/sprites/build_arrays.py SHEETS --alien-bottoms '
        'red green blue',
    )
    parser.add_argument(
        'sheets', help='folder with body/, bottom/, top/ and hair/'
    )
    parser.add_argument('--out', default='data/sprites/npy')
    parser.add_argument(
        '--alien-bottoms',
        nargs=3,
        required=True,
        metavar='NAME',
        help='three sheets of bottom/ for domain 2, none of domain 1',
    )
    args = parser.parse_args()
    with told(args.debug):
        pools = attribute_pools(args.alien_bottoms)
        vocabulary = {k: pools[1][k] + pools[2][k] for k in LAYERS}
        for number, pool in pools.items():
            out = osp.join(args.out, f'domain_{number}')
            build(args.sheets, out, pool, vocabulary)


if __name__ == '__main__':
    main()
