"""One video of the benchmark, from its number to its file."""

import os
import os.path as osp
from typing import NamedTuple

import av
import numpy as np

from .actions import ACTIONS, CLASSES
from .distractors import distract
from .figure import Body
from .scene import act, film
from .style import DOMAINS, domain_style

FPS = 16


class Video(NamedTuple):
    """One video of the benchmark: where it belongs and its number there."""

    domain: str
    split: str
    label: int
    number: int

    @property
    def path(self) -> str:
        name = f'{CLASSES[self.label]}_{self.number:03d}.mp4'
        return f'{self.domain}/{self.split}/{name}'


def write_mp4(frames: np.ndarray, path: str, crf: float) -> None:
    """Encode frames, ``[T, H, W, 3]``, BGR, as H.264.

    Args:
        frames (np.ndarray): The frames, uint8; H and W are even.
        path (str): The file to write.
        crf (float): Constant rate factor: 0 loses nothing, 51 most.
    """
    options = dict(crf=f'{crf:.1f}', preset='ultrafast', threads='1')
    with av.open(path, 'w', format='mp4') as container:
        stream = container.add_stream('libx264', rate=FPS, options=options)
        stream.height, stream.width = frames.shape[1:3]
        stream.pix_fmt = 'yuv420p'
        for frame in frames:
            picture = av.VideoFrame.from_ndarray(frame, format='bgr24')
            container.mux(stream.encode(picture))
        container.mux(stream.encode())


def render_video(
    video: Video,
    root: str,
    seed: int,
    severity: float,
    distractors: float,
    size: int,
    num_frames: int,
) -> None:
    """Render one video of the benchmark; it shares no seed with another."""
    key = (
        seed,
        DOMAINS.index(video.domain),
        ('train', 'test').index(video.split),
        video.label,
        video.number,
    )
    body_rng, style_rng, look_rng, motion_rng, distractor_rng = map(
        np.random.default_rng, np.random.SeedSequence(key).spawn(5)
    )
    style = domain_style(video.domain, severity, style_rng)
    body = Body.sample(body_rng)
    action = ACTIONS[CLASSES[video.label]]
    ends, head = act(*action, body, style, num_frames, motion_rng)
    frames = film(ends, head, body, style, size, look_rng)
    distract(frames, video.domain, distractors, distractor_rng)
    path = osp.join(root, video.path)
    write_mp4(frames, path + '.part', np.clip(style.crf, 0, 51))
    os.replace(path + '.part', path)
