"""Accuracies that check_demo_benchmark.py compares."""

import argparse
import os.path as osp
import tempfile

import numpy as np
import torch
from rich.console import Console
from rich.table import Table
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

from mmaction_uda.datasets.rendered import CLASSES, RenderedBenchmark
from mmaction_uda.datasets.video_file import VideoFile
from mmaction_uda.models.backbones.shift_net import ShiftNet


def load(root: str, part: str) -> tuple:
    """Read a list file: clips ``[K, T, H, W, 3]``, uint8, and labels."""
    with open(osp.join(root, f'{part}.txt')) as file:
        lines = [line.split() for line in file]
    clips = []
    for path, _ in lines:
        video = VideoFile(osp.join(root, path))
        frames = video.read(range(len(video)))
        clips.append(torch.from_numpy(np.stack(frames)))
    return torch.stack(clips), torch.tensor([int(label) for _, label in lines])


def normalise(clips: Tensor) -> Tensor:
    """Turn uint8 clips ``[N, T, H, W, 3]`` into ``[N, 3, T, H, W]``."""
    return clips.permute(0, 4, 1, 2, 3).float() / 127.5 - 1


class Encoder(nn.Module):
    """A temporal encoder over frame tokens, and a linear layer."""

    def __init__(self, num_frames: int) -> None:
        super().__init__()
        layer = nn.TransformerEncoderLayer(
            128, 4, 256, dropout=0.1, batch_first=True, norm_first=True
        )
        self.place = nn.Parameter(0.02 * torch.randn(num_frames, 128))
        self.norm = nn.LayerNorm(128)
        self.encoder = nn.TransformerEncoder(
            layer, 3, enable_nested_tensor=False
        )
        self.head = nn.Linear(128, len(CLASSES))

    def forward(self, tokens: Tensor) -> Tensor:
        """Compute the scores of videos from tokens ``[N, T, 128]``."""
        out = self.encoder(self.norm(tokens) + self.place)
        return self.head(out.mean(dim=1))


def fit(model: nn.Module, x: Tensor, labels: Tensor, epochs: int) -> None:
    """Train with Adam and a cosine schedule, 32 inputs a batch."""
    optimizer = torch.optim.Adam(model.parameters(), 3e-4)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    model.train()
    for _ in range(epochs):
        for index in torch.randperm(len(x)).split(32):
            loss = F.cross_entropy(model(x[index]), labels[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        schedule.step()
    model.eval()


@torch.no_grad()
def accuracy(model: nn.Module, x: Tensor, labels: Tensor) -> float:
    """The percentage that a model gets right."""
    scores = torch.cat([model(part) for part in x.split(64)])
    return 100 * (scores.argmax(dim=1) == labels).float().mean().item()


@torch.no_grad()
def encode(backbone: nn.Module, clips: Tensor) -> Tensor:
    """Compute the tokens of every second frame, ``[K, T / 2, 128]``."""
    tokens = [backbone(normalise(c)).mean(dim=(3, 4)) for c in clips.split(16)]
    return torch.cat(tokens).transpose(1, 2)[:, ::2]


def single_frames(clips: Tensor, labels: Tensor) -> tuple:
    """Every fourth frame of videos, by itself, and its label."""
    clips = clips[:, ::4]
    return clips.flatten(0, 1), labels.repeat_interleave(clips.size(1))


class FrameClassifier(nn.Module):
    """The backbone on single frames ``[N, H, W, 3]``, and a linear layer."""

    def __init__(self, backbone: nn.Module) -> None:
        super().__init__()
        self.backbone = backbone
        self.head = nn.Linear(128, len(CLASSES))

    def forward(self, frames: Tensor) -> Tensor:
        """Compute the scores of single frames."""
        out = self.backbone(normalise(frames[:, None]))
        return self.head(out.mean(dim=(2, 3, 4)))


def check(root: str, weights: str) -> tuple:
    """Measure source-only, oracle and single-frame accuracy."""
    backbone = ShiftNet()
    backbone.load_state_dict(load_file(weights))
    backbone.eval()
    parts = {
        p: load(root, p)
        for p in ('source_train', 'target_train', 'target_test')
    }
    tokens = {name: encode(backbone, x) for name, (x, _) in parts.items()}
    results = []
    test, test_labels = parts['target_test']
    for name in ('source_train', 'target_train'):
        model = Encoder(tokens[name].size(1))
        fit(model, tokens[name], parts[name][1], epochs=40)
        results.append(accuracy(model, tokens['target_test'], test_labels))
    clips, labels = parts['target_train']
    single = FrameClassifier(backbone)
    frames, labels = single_frames(clips, labels)
    fit(single, frames, labels, epochs=6)
    results.append(accuracy(single, *single_frames(test, test_labels)))
    return tuple(results)


def run(args: argparse.Namespace) -> None:
    """Print the accuracies of every rendering."""
    table = Table('seed', 'source only', 'oracle', 'single frame')
    with tempfile.TemporaryDirectory() as temporary:
        for seed in args.seeds:
            root = osp.join(args.root or temporary, str(seed))
            RenderedBenchmark(
                root, seed, args.severity, args.distractors
            ).prepare()
            torch.manual_seed(seed)
            table.add_row(
                str(seed), *(f'{v:.1f}' for v in check(root, args.weights))
            )
    Console().print(table)
