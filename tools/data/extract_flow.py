"""Write frames and optical flow of videos as MMAction2's RawframeDataset.

LIST is that of a VideoDataset, ``NAME LABEL`` a line, videos below DIR. Every
video becomes a folder of the same name in OUT with ``img_00001.jpg``,
``flow_x_00001.jpg`` and ``flow_y_00001.jpg`` for every frame, and OUT gets a
list of the same name as LIST, ``FOLDER NUM_FRAMES LABEL`` a line. What a
killed run has finished is not done again, unless the video has changed. A
video that cannot be read stops no other; it is named at the end, and is not
in the list.
"""

import argparse
import json
import multiprocessing
import os
import os.path as osp
import shutil
import sys
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import (
    TYPE_CHECKING,
    Dict,
    Iterator,
    List,
    NamedTuple,
    Tuple,
    Union,
)

import cv2
import numpy as np

sys.path.insert(0, str(Path(__file__).parents[1]))
from cli import make_parser, positive, told

if TYPE_CHECKING:
    from mmaction_uda.datasets.features.sources import Source

CHUNK = 64  # frames in memory
KEY = '.source.json'  # what the frames of a folder were made from


class Video(NamedTuple):
    """A video of the list."""

    name: str
    label: int

    @property
    def folder(self) -> str:
        return osp.splitext(self.name)[0]


def parse_args() -> argparse.Namespace:
    """Options."""
    parser = make_parser(
        __doc__,
        'python tools/data/extract_flow.py data/list.txt data/rawframes '
        '--root data/videos',
    )
    parser.add_argument('list', help='list file of a VideoDataset')
    parser.add_argument('out', help='folder to write to')
    parser.add_argument('--root', default='', help='folder of the videos')
    parser.add_argument('--algorithm', default='dis', choices=['dis', 'tvl1'])
    parser.add_argument(
        '--bound', type=float, default=20, help='px a frame of 0 and 255'
    )
    parser.add_argument('--processes', type=positive, default=1)
    args = parser.parse_args()
    if not args.bound > 0:
        parser.error(f'--bound must be > 0, got {args.bound}')
    return args


def read_videos(path: str, out: str) -> List[Video]:
    """The videos of a list, which become different folders below ``out``."""
    from mmaction_uda.faults import Faults, gathered
    from mmaction_uda.files import place_below
    from mmaction_uda.lists import read_list

    videos = [Video(line.name, line.label) for line in read_list(path)]
    names: Dict[str, str] = {}
    faults: List[str] = []
    for video in videos:
        with gathered(faults):
            place = place_below(out, video.folder)
            other = names.setdefault(place, video.name)
            if other != video.name:
                raise ValueError(
                    f'{path}: {other} and {video.name} would be the same '
                    f'folder {video.folder}: rename one of them'
                )
    if faults:
        raise Faults(*faults)
    return list({video.name: video for video in videos}.values())


def check_settings(args: argparse.Namespace) -> None:
    """Refuse to mix flow of different settings in one folder."""
    from mmaction_uda.files import parsed, written_aside

    path = osp.join(args.out, 'flow.json')
    wanted = dict(algorithm=args.algorithm, bound=args.bound)
    if not osp.exists(path):
        with written_aside(path, 'w') as file:
            json.dump(wanted, file)
    try:
        with open(path) as file:
            found = parsed(file.read())
    except ValueError as error:
        raise ValueError(
            f'{path!r} is damaged ({error}). Write to another folder, or '
            f'delete {args.out!r}.'
        ) from error
    if found != wanted:
        raise ValueError(
            f'{args.out} holds flow of {found}, not of {wanted}: write to '
            'another folder'
        )


def read_flow(
    path: str, algorithm: str, bound: float
) -> Iterator[Tuple[np.ndarray, np.ndarray]]:
    """Every frame ``[H, W, 3]``, RGB, and its flow ``[H, W, 2]``, uint8."""
    from mmaction_uda.datasets.flow import compute_flow
    from mmaction_uda.datasets.video_file import VideoFile

    video = VideoFile(path)
    length = len(video)
    for start in range(0, max(length - 1, 1), CHUNK):
        # One more frame, that the last of a chunk flows to.
        end = min(start + CHUNK + 1, length)
        frames = video.read(range(start, end))
        flow = compute_flow(frames, algorithm, bound)
        yield from list(zip(frames, flow))[: None if end == length else -1]


def write(path: str, image: np.ndarray) -> None:
    """Write an image or say that it cannot be done."""
    if not cv2.imwrite(path, image):
        raise OSError(f'cannot write {path}')


def extract(
    video: Video, root: str, out: str, algorithm: str, bound: float
) -> Union[int, str]:
    """Write a video's folder; its number of frames, or what is wrong."""
    from mmaction_uda.datasets.features.sources import Source
    from mmaction_uda.faults import one_line

    folder = osp.join(out, video.folder)
    source = Source(osp.join(root, video.name), {})
    aside, number = f'{folder}.writing', 0
    try:
        if osp.exists(f'{folder}/img_00001.jpg'):  # complete: it was renamed
            if is_of(folder, source):
                return sum(x.startswith('img_') for x in os.listdir(folder))
            print(f'{source.path} changed since its flow was made: made anew')
        shutil.rmtree(aside, ignore_errors=True)
        os.makedirs(aside)
        key = source.key()
        pairs = read_flow(source.path, algorithm, bound)
        for number, (frame, flow) in enumerate(pairs, 1):
            write(f'{aside}/img_{number:05d}.jpg', frame[..., ::-1])
            write(f'{aside}/flow_x_{number:05d}.jpg', flow[..., 0])
            write(f'{aside}/flow_y_{number:05d}.jpg', flow[..., 1])
        with open(osp.join(aside, KEY), 'w') as file:
            json.dump(key, file)
        shutil.rmtree(folder, ignore_errors=True)
        os.rename(aside, folder)
    except Exception as error:  # decoders raise types of their own
        shutil.rmtree(aside, ignore_errors=True)
        return one_line(error)
    return number


def is_of(folder: str, source: 'Source') -> bool:
    """Whether the frames of a folder are those of a video as it is now.

    A video that is gone is not asked, nor is a folder without a key.
    """
    from mmaction_uda.datasets.features.sources import Key
    from mmaction_uda.files import parsed, written_aside

    path = osp.join(folder, KEY)
    if not osp.exists(path):
        return True
    try:
        with open(path) as file:
            known = Key(*parsed(file.read()))
    except (ValueError, TypeError):  # it is damaged
        return False
    now = source.key(known) or known
    if now.digest == known.digest and now != known:  # touched, no more
        with suppress(OSError), written_aside(path, 'w') as file:
            json.dump(now, file)
    return now.digest == known.digest


def extract_all(args: argparse.Namespace) -> None:
    """Write the folders, the list, and what went wrong."""
    from mmaction_uda.datasets.flow import estimator
    from mmaction_uda.files import written_aside
    from mmaction_uda.progress import Progress

    estimator(args.algorithm)  # says at once what is missing
    videos = read_videos(args.list, args.out)
    os.makedirs(args.out, exist_ok=True)
    check_settings(args)
    work = partial(
        extract,
        root=args.root,
        out=args.out,
        algorithm=args.algorithm,
        bound=args.bound,
    )
    with multiprocessing.Pool(args.processes, cv2.setNumThreads, (0,)) as pool:
        results = pool.imap(work, videos)
        with Progress() as bars:
            done = bars.track(results, len(videos), description='flow')
            found = list(zip(videos, done))
    path = osp.join(args.out, osp.basename(args.list))
    with written_aside(path, 'w') as file:
        for video, number in found:
            if isinstance(number, int):
                label = '' if video.label == -1 else f' {video.label}'
                file.write(f'{video.folder} {number}{label}\n')
    faults = [f'{x.name}: {n}' for x, n in found if isinstance(n, str)]
    print(f'{len(found) - len(faults)} of {len(found)} videos in {path}')
    if faults:
        raise ValueError('cannot be read:\n  ' + '\n  '.join(faults))


def main() -> None:
    """Extract."""
    args = parse_args()
    with told(args.debug):
        extract_all(args)


if __name__ == '__main__':
    main()
