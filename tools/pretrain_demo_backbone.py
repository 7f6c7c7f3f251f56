"""Pre-train the backbone of the rendered benchmark.

    python tools/pretrain_demo_backbone.py

renders a third domain, whose styles are drawn at random around those of the
benchmark's two, and in which figures perform random periodic motions, none of
them an action of the benchmark; trains a ShiftNet to tell the motions apart,
each from its reversal as well; and writes the weights of the package. Takes
about MINUTES minutes on two cores.
"""
import argparse
import multiprocessing
import time

import cv2
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from mmaction_uda.datasets.rendered.actions import (backward, forward,
                                                    random_motion)
from mmaction_uda.datasets.rendered.figure import Body
from mmaction_uda.datasets.rendered.scene import render
from mmaction_uda.datasets.rendered.style import random_style
from mmaction_uda.models.backbones.shift_net import ShiftNet

NUM_MOTIONS = 32
NUM_CLASSES = 2 * NUM_MOTIONS  # each motion forward and backward
NUM_FRAMES, CROP, SIZE = 20, 16, 64


def parse_args() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description='Pre-train the backbone of the rendered benchmark')
    parser.add_argument('--out', default='mmaction_uda/assets/'
                        'shift_net.safetensors', help='the file of weights')
    parser.add_argument('--clips', type=int, default=5000,
                        help='number of training clips')
    parser.add_argument('--epochs', type=int, default=5)
    parser.add_argument('--seed', type=int, default=0)
    return parser.parse_args()


def compress(frame: np.ndarray, crf: float) -> np.ndarray:
    """Lose about as much of a frame as the encoder of the benchmark."""
    quality = int(np.interp(crf, (14, 34), (95, 25)))
    data = cv2.imencode('.jpg', frame, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def render_clip(key: tuple) -> np.ndarray:
    """Render clip ``(seed, split, number)``, ``[T, H, W, 3]``, RGB."""
    seed, _, number = key
    label = number % NUM_CLASSES
    # The motion depends on its class only, all else on the clip.
    cycle = random_motion(np.random.default_rng((seed, label // 2)))
    body, style, look, motion = map(
        np.random.default_rng, np.random.SeedSequence(key).spawn(4))
    style = random_style(style)
    frames = render(cycle, (forward, backward)[label % 2], Body.sample(body),
                    style, NUM_FRAMES, SIZE, look, motion)
    return np.stack([compress(f, style.crf)[..., ::-1] for f in frames])


def render_clips(seed: int, split: int, number: int) -> tuple:
    """Render a split: clips ``[K, T, H, W, 3]``, uint8, and labels."""
    keys = [(seed, split, i) for i in range(number)]
    clips = torch.empty((number, NUM_FRAMES, SIZE, SIZE, 3), dtype=torch.uint8)
    with multiprocessing.Pool(2, cv2.setNumThreads, (0, )) as pool:
        for i, clip in enumerate(pool.imap(render_clip, keys, 32)):
            clips[i] = torch.from_numpy(clip)
    return clips, torch.arange(number) % NUM_CLASSES


def normalise(clips: Tensor) -> Tensor:
    """Turn uint8 clips ``[N, T, H, W, 3]`` into ``[N, 3, T, H, W]``."""
    return clips.permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def augment(clips: Tensor) -> Tensor:
    """Crop in time, reorder the colours, change gain and offset."""
    start = int(torch.randint(NUM_FRAMES - CROP + 1, ()))
    clips = normalise(clips[:, start:start + CROP][..., torch.randperm(3)])
    shape = (len(clips), 1, 1, 1, 1)
    gain = 1 + .3 * (2 * torch.rand(shape) - 1)
    return gain * clips + .2 * (2 * torch.rand(shape) - 1)


class Classifier(nn.Module):
    """The backbone, a mean over space and time, and a linear layer."""

    def __init__(self) -> None:
        super().__init__()
        self.backbone = ShiftNet()
        self.head = nn.Linear(128, NUM_CLASSES)

    def forward(self, clips: Tensor) -> Tensor:
        """Compute the scores ``[N, NUM_CLASSES]`` of clips."""
        return self.head(self.backbone(clips).mean(dim=(2, 3, 4)))


def train(model: nn.Module, clips: Tensor, labels: Tensor,
          epochs: int) -> None:
    """Train with AdamW and one cycle of the learning rate."""
    model.train()
    batches = len(clips) // 32
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 4e-3, total_steps=epochs * batches)
    for epoch in range(epochs):
        start, losses = time.time(), []
        for index in torch.randperm(len(clips))[:32 * batches].split(32):
            loss = F.cross_entropy(model(augment(clips[index])), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
            losses.append(loss.item())
        print(f'epoch {epoch + 1}: loss {np.mean(losses):.3f}, '
              f'{time.time() - start:.0f} s', flush=True)


@torch.no_grad()
def accuracy(model: nn.Module, clips: Tensor, labels: Tensor) -> float:
    """The percentage of clips that the model gets right."""
    model.eval()
    scores = torch.cat([model(normalise(c)) for c in clips.split(32)])
    return 100 * (scores.argmax(dim=1) == labels).float().mean().item()


def main() -> None:
    args = parse_args()
    start = time.time()
    torch.manual_seed(args.seed)
    torch.set_num_threads(2)
    clips, labels = render_clips(args.seed, 0, args.clips)
    print(f'rendered {len(clips)} clips in {time.time() - start:.0f} s',
          flush=True)
    model = Classifier().to(memory_format=torch.channels_last)
    train(model, clips, labels, args.epochs)
    unseen = accuracy(model, *render_clips(args.seed, 1, 640))
    # Half precision is exact enough, at half the size.
    save_file({
        key: value.half().contiguous() if value.is_floating_point() else value
        for key, value in model.backbone.state_dict().items()
    }, args.out)
    print(f'{unseen:.1f} % of unseen clips in {NUM_CLASSES} classes, '
          f'{(time.time() - start) / 60:.1f} minutes, written to {args.out}')


if __name__ == '__main__':
    main()
