"""How pretrain_demo_backbone.py trains."""

import argparse
import multiprocessing
import time
from typing import Tuple

import cv2
import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional as F

from mmaction_uda.datasets.flow import compute_flow
from mmaction_uda.datasets.rendered.actions import forward, random_motion
from mmaction_uda.datasets.rendered.figure import Body
from mmaction_uda.datasets.rendered.scene import act, film
from mmaction_uda.datasets.rendered.style import random_style
from mmaction_uda.models.backbones.shift_net import FlowShiftNet, ShiftNet

NUM_FRAMES, SIZE, BATCH, NUM_UNSEEN = 10, 64, 24, 240
FLOW_BOUND = 8  # px a frame


def joints(ends: np.ndarray, height: float) -> np.ndarray:
    """Where elbows, hands, knees, ankles and neck are and where they move.

    Args:
        ends (np.ndarray): The end points of the limbs, ``[T, 11, 2, 2]``.
        height (float): Height of the figure, in the same unit.

    Returns:
        np.ndarray: Places from the hips on and steps a frame, ``[T, 36]``,
        in body heights. Of a pair of joints the one on the left of the frame
        comes first, as no frame tells a left limb from a right one.
    """
    places = (ends[:, :, 1] - ends[:, 5:6, 0]) / height
    points = np.concatenate([places, np.gradient(places, axis=0)], axis=-1)
    pairs = np.stack([points[:, :4], points[:, 6:10]], axis=1)
    order = np.argsort(pairs[..., :1], axis=1)
    pairs = np.take_along_axis(pairs, order, axis=1).reshape(len(ends), 8, 4)
    points = np.concatenate([pairs, points[:, 5:6]], axis=1)
    return points.reshape(len(ends), -1).astype(np.float32)


def compress(frame: np.ndarray, crf: float) -> np.ndarray:
    """Lose about as much of a frame as the encoder of the benchmark."""
    quality = int(np.interp(crf, (14, 34), (95, 25)))
    data = cv2.imencode('.jpg', frame, (cv2.IMWRITE_JPEG_QUALITY, quality))[1]
    return cv2.imdecode(data, cv2.IMREAD_COLOR)


def render_clip(key: Tuple[int, int]) -> Tuple[np.ndarray, np.ndarray]:
    """Render a clip, ``[T, H, W, 3]``, RGB, and its joints, ``[T, 36]``."""
    body_rng, style_rng, look_rng, motion_rng = map(
        np.random.default_rng, np.random.SeedSequence(key).spawn(4)
    )
    body, style = Body.sample(body_rng), random_style(style_rng)
    motion = random_motion(motion_rng)
    ends, head = act(motion, forward, body, style, NUM_FRAMES, motion_rng)
    video = film(ends, head, body, style, SIZE, look_rng)
    frames = [compress(frame, style.crf)[..., ::-1] for frame in video]
    return np.stack(frames), joints(ends, style.height)


def render_flow(key: Tuple[int, int]) -> Tuple[np.ndarray, np.ndarray]:
    """Render a clip and compute its flow, ``[T, H, W, 2]``, and joints."""
    frames, places = render_clip(key)
    return compute_flow(list(frames), bound=FLOW_BOUND), places


def render_clips(
    seed: int, number: int, modality: str
) -> Tuple[Tensor, Tensor]:
    """Render clips and their joints, these scaled to unit variance."""
    render = render_flow if modality == 'flow' else render_clip
    with multiprocessing.Pool(2, cv2.setNumThreads, (0,)) as pool:
        pairs = pool.map(render, [(seed, i) for i in range(number)], 32)
    clips, targets = (torch.from_numpy(np.stack(x)) for x in zip(*pairs))
    deviation, mean = torch.std_mean(targets, dim=(0, 1))
    return clips, (targets - mean) / deviation.clamp(min=0.01)


def normalise(clips: Tensor) -> Tensor:
    """Turn uint8 clips ``[N, T, H, W, C]`` into ``[N, C, T, H, W]``."""
    return clips.permute(0, 4, 1, 2, 3).float() / 127.5 - 1


def augment(clips: Tensor) -> Tensor:
    """Reorder the colours of clips and change their gain and offset.

    Of flow the axes stay, and each has an offset of its own, a pan.
    """
    is_flow = clips.size(-1) == 2
    clips = normalise(clips if is_flow else clips[..., torch.randperm(3)])
    shape = (len(clips), 1, 1, 1, 1)
    gain = 1 + 0.3 * (2 * torch.rand(shape) - 1)
    if is_flow:
        shape = (len(clips), 2, 1, 1, 1)
    offset = 0.1 if is_flow else 0.2
    return gain * clips + offset * (2 * torch.rand(shape) - 1)


class JointRegressor(nn.Module):
    """The backbone, the mean over space, and a linear layer."""

    def __init__(self, num_targets: int, modality: str) -> None:
        super().__init__()
        self.backbone = FlowShiftNet() if modality == 'flow' else ShiftNet()
        self.head = nn.Linear(128, num_targets)

    def forward(self, clips: Tensor) -> Tensor:
        """Compute the joints ``[N, T, K]`` of clips."""
        tokens = self.backbone(clips).mean(dim=(3, 4)).transpose(1, 2)
        return self.head(tokens)


def train(
    model: nn.Module, clips: Tensor, targets: Tensor, steps: int
) -> None:
    """Train with AdamW and one cycle of the learning rate."""
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 3e-3, total_steps=steps, pct_start=0.15
    )
    start, total = time.time(), 0.0
    for step in range(1, steps + 1):
        index = torch.randint(len(clips), (BATCH,))
        loss = F.smooth_l1_loss(model(augment(clips[index])), targets[index])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        total += loss.item()
        if step % 100 == 0:
            print(
                f'step {step}: loss {total / 100:.3f}, '
                f'{time.time() - start:.0f} s',
                flush=True,
            )
            total = 0.0


@torch.no_grad()
def explained(model: nn.Module, clips: Tensor, targets: Tensor) -> list:
    """The parts of the variance of places and of steps that it tells."""
    model.eval()
    error = model(normalise(clips)) - targets
    rest = (error**2).mean(dim=(0, 1)) / targets.var(dim=(0, 1))
    return (1 - rest.view(-1, 2, 2).mean(dim=(0, 2))).tolist()


def run(args: argparse.Namespace) -> None:
    """Render, train, measure, write."""
    start = time.time()
    torch.manual_seed(args.seed)
    clips, targets = render_clips(args.seed, args.clips, args.modality)
    print(
        f'rendered {len(clips)} clips in {time.time() - start:.0f} s',
        flush=True,
    )
    model = JointRegressor(targets.size(-1), args.modality)
    train(model, clips[NUM_UNSEEN:], targets[NUM_UNSEEN:], args.steps)
    place, step = explained(model, clips[:NUM_UNSEEN], targets[:NUM_UNSEEN])
    # Half precision is exact enough, at half the size.
    save_file(
        {
            key: value.half() if value.is_floating_point() else value
            for key, value in model.backbone.state_dict().items()
        },
        args.out,
    )
    print(
        f"on unseen clips it explains {100 * place:.0f} % of the joints' "
        f'places and {100 * step:.0f} % of their steps; '
        f'{(time.time() - start) / 60:.1f} minutes, written to {args.out}'
    )
