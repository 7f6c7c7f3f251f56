"""Every config of the package on data that fits into a test.

What a config reads is made in its official format: for the embedded
benchmark a small rendering, for the other data sets list files, videos and
weight files where the config looks for them. One reduction, the same for
every config, makes the training short; it changes no class and no loss.
"""

import copy
import gc
import os
import re
import shutil
import subprocess
import sys
from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

import mmaction_uda
from mmaction_uda.datasets import RenderedBenchmark
from mmaction_uda.datasets.rendered.benchmark import write_mp4
from mmaction_uda.datasets.sprites import CLASSES
from mmaction_uda.engine.prepare import data_sets
from mmaction_uda.models.backbones.building import build_net
from mmaction_uda.models.backbones.tokens import read_tokens, reading_of

ROOT = Path(__file__).resolve().parents[1]
CONFIGS = sorted(p.stem for p in (ROOT / 'configs').glob('*.py'))
RENDERING = dict(num_train=4, num_test=2, size=32, num_frames=16)
FRAMES = 4
CLIP = 8  # frames that are decoded

# By type: what is made smaller, wherever a config says it.
REDUCTION = dict(
    RenderedBenchmark=dict(num_processes=2, **RENDERING),
    AllFrames=dict(max_frames=CLIP),
    ComputeFlow=dict(algorithm='dis'),
    SegmentFrames=dict(num_frames=CLIP),
    Resize=dict(scale=(-1, 32)),
    CenterCrop=dict(crop_size=32),
    RandomCrop=dict(size=32),
    RandomResizedCrop=dict(area_range=(0.9, 1.0)),
    STAM=dict(num_frames=8, img_size=32, depth=1, temporal_depth=1),
    TimeSformer=dict(img_size=32, num_transformer_layers=1),
    VisionTransformer=dict(num_frames=8, img_size=32, depth=1),
    ClassTokenNeck=dict(depth=1),
    TransformerNeck=dict(num_frames=FRAMES, embed_dims=32, hidden_channels=32),
    TRNNeck=dict(num_frames=FRAMES, embed_dims=32),
    TranSVAENeck=dict(
        num_frames=FRAMES,
        embed_dims=32,
        hidden_channels=16,
        latent_channels=16,
    ),
    SpriteEncoder=dict(channels=(4, 4, 4, 4), out_channels=32),
    SpriteDecoder=dict(in_channels=32, channels=(4, 4, 4, 4)),
    MultiheadDomainTransferableAttention=dict(hidden_channels=32),
    DomainHead=dict(hidden_channels=32),
    FrameEncoderNeck=dict(num_frames=FRAMES, embed_dims=32),
    MultiScaleDomainHead=dict(dilations=(1,), hidden_channels=32),
    LoggerHook=dict(interval=1),
)
_numbers = count()
_furnished = set()  # what configs read that is there


def pytest_configure(config) -> None:
    """Data from the environment would change what configs read."""
    gc.freeze()  # every data set collects garbage: spare it the imports
    for name in ('DEMO_SEED', 'DEMO_DISTRACTORS'):
        os.environ.pop(name, None)
    init_default_scope('mmaction')


@pytest.fixture(autouse=True)
def light_collector() -> None:
    """Data sets collect garbage: spare them what earlier tests have left."""
    gc.collect()
    gc.freeze()


# -- configs ----------------------------------------------------------------
def load_config(name: str) -> Config:
    """A config of ``configs/``, as it is shipped."""
    return Config.fromfile(str(ROOT / 'configs' / f'{name}.py'))


def nodes(value):
    """All dicts inside a config."""
    if isinstance(value, dict):
        yield value
    if isinstance(value, (dict, list, tuple)):
        inner = value.values() if isinstance(value, dict) else value
        for item in inner:
            yield from nodes(item)


def typed(cfg: Config) -> list:
    """All dicts inside a config that name a class."""
    return [node for node in nodes(cfg._cfg_dict) if 'type' in node]


def reduce_config(cfg: Config, work_dir: Path) -> Config:
    """The one reduction: short clips, small nets and batches, one epoch."""
    # STAM's stage over time knows the number of frames of its official file.
    official = any(n.type == 'SegmentFrames' for n in typed(cfg))
    for node in nodes(cfg._cfg_dict):
        small = REDUCTION.get(node.get('type'), {})
        # What a config leaves out (0) stays left out.
        node.update({k: v for k, v in small.items() if node.get(k) != 0})
        if node.get('type') in ('SampleFeature', 'ClassTokenNeck'):
            node.update(num_frames=CLIP if official else FRAMES)
        if node.get('type') == 'SampleFrames':
            node.update(clip_len=CLIP)
        if node.get('type') == 'Resize' and node.get('keep_ratio') is False:
            node.update(scale=(32, 32))
        if node.get('type') == 'TranSVAENeck' and node.get('encoder'):
            node.update(num_frames=CLIP)  # arrays of Sprites hold 8
        if node.get('window'):
            # Both time steps of 16 frames; shorter windows have one.
            if node.window.get('pool') == 'flatten':
                node.window.pop('pool')
                cfg.model.neck.in_channels = 1024  # of I3D
            node.window.update(
                size=CLIP, before=min(node.window.get('before', 0), 3)
            )
        if node.get('type') == 'mmpretrain.ResNet':
            node.update(depth=50)
        if node.get('type') == 'InformationBottleneckHead':
            node.projector.update(channels=(32, 32))
            node.update(queue_size=min(node.queue_size, 24))
    for phase, batch in (('train', 2), ('val', 8), ('test', 8)):
        loader = cfg[f'{phase}_dataloader']
        loader.update(
            batch_size=batch, num_workers=0, persistent_workers=False
        )
    mean = any(node.type == 'MeanNeck' for node in typed(cfg))
    if mean:
        # An untrained net's features may be of any size, and the loss 0.
        cfg.model.feature_scale = 1.0
    if isinstance(cfg.train_dataloader.sampler.get('epoch_length'), int):
        cfg.train_dataloader.sampler.epoch_length = 16
        if mean:  # few passes through large nets
            cfg.train_dataloader.batch_size = 4
    cfg.train_cfg.update(max_epochs=1, val_interval=1)
    cfg.work_dir = str(work_dir)
    return cfg


def uncached(cfg: Config) -> Config:
    """The same config on the videos themselves, all frames of a clip."""
    cfg = copy.deepcopy(cfg)
    cfg.model.backbone.cached = False
    cfg.model.neck.num_frames = CLIP
    for node in list(nodes(cfg._cfg_dict)):
        if node.get('type') == 'FeatureDataset':
            videos = dict(node.videos, pipeline=node.extraction.pipeline)
            node.clear()
            node.update(videos)
    return cfg


def make_runner(cfg: Config) -> Runner:
    """A runner that shares no logger with another one of this process."""
    cfg.experiment_name = f'test{next(_numbers)}'
    return Runner.from_cfg(cfg)


def train(cfg: Config, *hooks: Hook) -> Runner:
    """Prepare and train a config; returns the runner."""
    mmaction_uda.engine.prepare(cfg)
    runner = make_runner(cfg)
    for hook in hooks:
        runner.register_hook(hook)
    runner.train()
    return runner


def state_of(model: torch.nn.Module) -> dict:
    """A copy of all weights and buffers."""
    return {k: v.clone() for k, v in model.state_dict().items()}


def differing(a: dict, b: dict) -> list:
    """Keys whose tensors are not the same bit for bit."""
    assert set(a) == set(b) and a
    return [k for k in a if not torch.equal(a[k], b[k])]


# -- data and weights -------------------------------------------------------
@pytest.fixture(scope='session')
def rendering(tmp_path_factory) -> Path:
    """A small rendering of the embedded benchmark, 48 videos a domain."""
    root = tmp_path_factory.mktemp('rendering')
    RenderedBenchmark(str(root), num_processes=2, **RENDERING).prepare()
    return root


@pytest.fixture(scope='session')
def demo_data(rendering, tmp_path_factory) -> Path:
    """``data/demo/...`` with the rendering and its features."""
    folder = tmp_path_factory.mktemp('demo')
    cfg = reduce_config(load_config('source_only_demo'), folder / 'work')
    shutil.copytree(rendering, folder / cfg.data_root)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        mmaction_uda.engine.prepare(cfg)
    return folder / 'data'


def moving_square(seed: int, num_frames: int = 12) -> np.ndarray:
    """Frames ``[T, 48, 64, 3]`` of a square on its way over noise."""
    rng = np.random.default_rng(seed)
    frames = rng.integers(0, 64, (num_frames, 48, 64, 3), dtype=np.uint8)
    top, left = rng.integers(0, 32, 2)
    for t, frame in enumerate(frames):
        frame[top : top + 9, left + t : left + t + 9] = 60 + 20 * (seed % 9)
    return frames


def write_videos(dataset: dict, num_classes: int) -> None:
    """A video of every class, and the list that names them."""
    lines = []
    for number in range(num_classes):
        name = f'class{number:02d}/video.mp4'
        path = Path(dataset['data_prefix']['video'], name)
        path.parent.mkdir(parents=True, exist_ok=True)
        write_mp4(moving_square(number), str(path), 20)
        lines.append(f'{name} {number}\n')
    file = Path(dataset['ann_file'])
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(''.join(lines))


def write_sprites(root: Path, count: int = 1) -> None:
    """Arrays of a domain of Sprites, ``count`` sequences of noise a class."""
    root.mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(0)
    attributes = np.eye(count, 4, dtype=int)
    for name in CLASSES:
        frames = rng.integers(0, 256, (count, 8, 64, 64, 3), dtype=np.uint8)
        np.save(root / f'{name}_frames_data.npy', frames)
        np.save(root / f'{name}_attributes_data.npy', attributes)


def write_checkpoint(backbone: dict) -> None:
    """What of the weights of a backbone, or of its streams, is not there."""
    files, net = backbone['checkpoint'], backbone['backbone']
    if isinstance(files, str):
        streams = {files: net}
    else:
        streams = {file: net[name] for name, file in files.items()}
    for file, stream in streams.items():
        if not Path(file).exists():
            write_weights(Path(file), stream)


def write_weights(path: Path, backbone: dict) -> None:
    """A recognizer's checkpoint, as MMAction2's model zoo has them.

    Its batch norms know the statistics of noise, so that tokens tell videos
    apart, as those of a trained net do.
    """
    torch.manual_seed(0)
    if backbone['type'] == 'STAM':  # the official file
        stam = build_net(dict(type='STAM', **REDUCTION['STAM']))
        torch.save(dict(model=stam.state_dict()), path)
        return
    reading = reading_of(backbone)
    net = build_net({**reading.options, **backbone})
    for module in net.modules():
        module.momentum = 1.0  # of batch norms
    net.train()
    channels = backbone.get('in_channels', 3)
    read_tokens(net, torch.randn(4, CLIP, channels, 32, 32), reading)
    state = {f'backbone.{k}': v for k, v in net.state_dict().items()}
    state['cls_head.fc_cls.weight'] = torch.zeros(400, 2048)
    torch.save(dict(meta=dict(), state_dict=state), path)


def furnish(cfg: Config) -> None:
    """Put what ``cfg`` reads under the current directory, if not there."""
    reads = str([[d, cfg.model.backbone] for d in data_sets(cfg)])
    if reads in _furnished:
        return
    _furnished.add(reads)
    if cfg.model.backbone.type == 'RawClips':
        for dataset in data_sets(cfg):
            write_sprites(Path(dataset['root']))
        return
    videos = [d.get('videos', d) for d in data_sets(cfg)]
    for dataset in {d['ann_file']: d for d in videos}.values():
        if not Path(dataset['ann_file']).exists():
            write_videos(dataset, cfg.model.cls_head.num_classes)
    write_checkpoint(cfg.model.backbone)
    mmaction_uda.engine.prepare(cfg)


def train_stages(cfg: Config) -> None:
    """Train the stages of ``cfg`` here, where later ones find them."""
    cfg.launcher = 'none'
    for stage in cfg.get('stages', {}).values():
        stage.work_dir = str(
            Path(f'stages/{Path(stage.config).stem}').resolve()
        )
    for stage in mmaction_uda.engine.open_stages(cfg).values():
        reduce_config(stage, stage.work_dir)
        if not stage.get('prepare'):
            furnish(stage)
        if not mmaction_uda.engine.is_finished(stage):
            mmaction_uda.engine.train(stage, {})


@pytest.fixture(scope='session')
def shared(tmp_path_factory) -> Path:
    """Videos, weights and stored features that configs have in common."""
    folder = tmp_path_factory.mktemp('shared')
    (folder / 'checkpoints').mkdir()
    return folder


@pytest.fixture
def make_config(demo_data, shared, tmp_path, monkeypatch):
    """``make_config(name)``: a config, reduced, and all that it reads.

    The current directory is a new one, since paths in configs are relative.
    """

    def make(name: str) -> Config:
        cfg = reduce_config(load_config(name), tmp_path / 'work')
        data = demo_data if cfg.get('prepare') else shared / 'data'
        monkeypatch.chdir(data.parent)
        train_stages(cfg)
        if not cfg.get('prepare'):
            furnish(cfg)
            os.symlink(shared / 'checkpoints', tmp_path / 'checkpoints')
        monkeypatch.chdir(tmp_path)
        shutil.copytree(data, 'data')
        return cfg

    return make


# -- tools ------------------------------------------------------------------
def tool_env() -> dict:
    """Environment of a tool: no state of this process, one thread."""
    return dict(os.environ, OMP_NUM_THREADS='1', PYTHONUNBUFFERED='1')


def tool_command(name: str, *args) -> list:
    """Command line of one of our tools."""
    return [sys.executable, str(ROOT / 'tools' / name), *map(str, args)]


def start_tool(name: str, *args) -> subprocess.Popen:
    """Start a tool in a process of its own."""
    return subprocess.Popen(
        tool_command(name, *args),
        env=tool_env(),
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )


TRAININGS = []


def start_training(config: str, work_dir: str, *args) -> subprocess.Popen:
    """Start tools/train.py, which prints to ``WORK_DIR.log``."""
    command = tool_command('train.py', config, '--work-dir', work_dir, *args)
    with open(f'{work_dir}.log', 'w') as log:
        TRAININGS.append(
            subprocess.Popen(
                command, env=tool_env(), stdout=log, stderr=subprocess.STDOUT
            )
        )
    return TRAININGS[-1]


@pytest.fixture(autouse=True)
def no_training_is_left():
    """Whatever a test has started ends with it."""
    yield
    for process in TRAININGS:
        process.kill()
        process.wait()
    TRAININGS.clear()


def finish(*processes: subprocess.Popen, fails: bool = False) -> list:
    """Wait for tools; returns all that each printed."""
    outputs = [p.communicate(timeout=600)[0] for p in processes]
    for process, output in zip(processes, outputs):
        assert bool(process.returncode) == fails, output[-4000:]
    return outputs


def run_tool(name: str, *args, fails: bool = False) -> str:
    """Run a tool to its end; returns all that it printed."""
    return finish(start_tool(name, *args), fails=fails)[0]


def accuracies(output: str, phase: str) -> dict:
    """The last accuracies that a tool printed for ``'val'`` or ``'test'``."""
    line = re.findall(rf'Epoch\({phase}\).*acc/top1.*', output)[-1]
    return dict(re.findall(r'(acc/\w+): ([\d.]+)', line))


class SeenLosses(Hook):
    """Collects the losses of every step."""

    def __init__(self) -> None:
        self.losses = []

    def after_train_iter(self, runner, batch_idx, data_batch, outputs):
        self.losses.append({k: v.item() for k, v in outputs.items()})
