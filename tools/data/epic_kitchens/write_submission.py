"""Write a submission to the UDA challenge of EPIC-KITCHENS-100.

VERB.json and NOUN.json are what tools/test.py --out FILE.json --scores says of
the same segments, of a training on verbs and of one on nouns. The format is
that of the challenge of action recognition (C1), as far as we know: compare it
with the page of the challenge before you send it.
"""

import argparse
import heapq
import json
import os.path as osp
import sys
from pathlib import Path
from typing import Dict, List

sys.path.insert(0, str(Path(__file__).parents[2]))
from cli import make_parser, new_file, told

CLASSES = dict(verb=97, noun=300)
ACTIONS = 100  # that are listed of each segment
LEVELS = ('pt', 'tl', 'td')  # pre-training, labels, data: of the supervision
Scores = Dict[str, List[float]]  # by narration


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = make_parser(
        __doc__,
        'python tools/data/epic_kitchens/write_submission.py verb.json '
        'noun.json --levels 2 3 3 --out test.json',
    )
    parser.add_argument('verb', metavar='VERB.json')
    parser.add_argument('noun', metavar='NOUN.json')
    parser.add_argument(
        '--levels',
        type=int,
        nargs=3,
        required=True,
        metavar=('PT', 'TL', 'TD'),
        help='levels of supervision, as the page of the challenge numbers '
        'them: of pre-training, of training labels, of training data',
    )
    parser.add_argument('--version', default='0.2', help='of the format')
    parser.add_argument(
        '--out', type=new_file, required=True, metavar='FILE.json'
    )
    return parser.parse_args()


def read_scores(file: str, number: int) -> Scores:
    """Probabilities of all classes, by narration.

    Raises:
        ValueError: If there are none, or of another number of classes.
    """
    try:
        with open(file, encoding='utf-8') as text:
            videos = json.load(text)['predictions']
        found = {
            osp.splitext(osp.basename(video['video']))[0]: video['scores']
            for video in videos
        }
        sizes = {len(scores) for scores in found.values()}
    except (ValueError, LookupError, TypeError) as error:
        raise ValueError(
            f'{file!r} has no scores ({type(error).__name__}: {error}). Make '
            'it with tools/test.py --out FILE.json --scores.'
        ) from error
    if sizes != {number} or len(found) < len(videos):
        raise ValueError(
            f'{file!r} has scores of {sorted(sizes)} classes, of {len(found)} '
            f'segments in {len(videos)} lines, expected {number} classes, '
            'and each segment once.'
        )
    return found


def results(verbs: Scores, nouns: Scores) -> Dict[str, dict]:
    """Scores of verbs, nouns and the likeliest actions of every segment."""
    found = {}
    for narration, verb in verbs.items():
        noun = nouns[narration]
        actions = (
            (p * q, f'{v},{n}')
            for v, p in enumerate(verb)
            for n, q in enumerate(noun)
        )
        found[narration] = dict(
            verb={str(v): p for v, p in enumerate(verb)},
            noun={str(n): q for n, q in enumerate(noun)},
            action={a: s for s, a in heapq.nlargest(ACTIONS, actions)},
        )
    return found


def write(args: argparse.Namespace) -> None:
    """Write the submission."""
    scores = [
        read_scores(file, CLASSES[kind])
        for kind, file in (('verb', args.verb), ('noun', args.noun))
    ]
    other = {*scores[0]} ^ {*scores[1]}
    if other:
        raise ValueError(
            f'{args.verb!r} and {args.noun!r} differ in {len(other)} '
            f'segments, first {sorted(other)[:3]}. Test both on the same list.'
        )
    levels = {f'sls_{k}': n for k, n in zip(LEVELS, args.levels)}
    content = dict(
        version=args.version,
        challenge='domain_adaptation',
        **levels,
        results=results(*scores),
    )
    with open(args.out, 'w', encoding='utf-8') as file:
        json.dump(content, file)
    print(f'{len(scores[0])} segments are in {args.out!r}')


def main() -> None:
    """Write it."""
    args = parse_args()
    with told(args.debug):
        write(args)


if __name__ == '__main__':
    main()
