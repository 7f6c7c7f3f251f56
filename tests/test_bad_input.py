"""What is wrong with data, weights or config is said before training.

Every message names the file, the value and what to do.
"""

import json
import re
import shutil
from pathlib import Path

import pytest
import torch
from helpers.configs import nodes, uncached
from helpers.runs import make_runner
from mmengine.config import ConfigDict
from mmengine.hooks import Hook

from mmaction_uda.engine import prepare

LISTS = 'data/demo/seed0_distractors0'
SOURCE, TARGET = f'{LISTS}/source_train.txt', f'{LISTS}/target_train.txt'
SHARD = Path(f'{LISTS}/features/target_train/shift_net/shard_00000.npy')


class NoStep(Hook):
    """Fails as soon as a step of training begins."""

    def before_train_iter(self, runner, *args, **kwargs):
        raise AssertionError('a step of training began')


@pytest.fixture
def demo(make_config):
    return make_config('transferattn_demo')


def start(cfg) -> None:
    """What tools/train.py does, up to the first step."""
    prepare(cfg)
    runner = make_runner(cfg)
    runner.register_hook(NoStep())
    runner.train()


def message(cfg, error: type) -> str:
    """What a user is told."""
    with pytest.raises(error) as caught:
        start(cfg)
    return str(caught.value)


def check(text: str, *parts: str) -> None:
    for part in parts:
        assert part in text


def edit(file: str, change) -> None:
    """Rewrite a list: ``change`` maps its lines to others."""
    lines = Path(file).read_text().splitlines()
    Path(file).write_text(''.join(f'{s}\n' for s in change(lines)))


def test_the_config_itself_is_fine(demo):
    """So that what the other tests see is their own fault."""
    with pytest.raises(AssertionError, match='a step of training began'):
        start(demo)


# -- lists and videos -------------------------------------------------------
@pytest.mark.parametrize('file', [SOURCE, TARGET])
def test_empty_list(demo, file):
    edit(file, lambda lines: [])
    check(
        message(demo, ValueError),
        repr(file),
        'is an empty list',
        'Write one line `path label` per video',
    )


def test_missing_list(demo):
    Path(TARGET).unlink()
    check(
        message(demo, ValueError),
        repr(TARGET),
        'is not there',
        '`path label`',
        'docs/datasets.md',
    )


def test_missing_video(demo):
    edit(SOURCE, lambda lines: [*lines, 'source/train/no_such.mp4 3'])
    check(
        message(demo, ValueError),
        repr(SOURCE),
        '1 of 33 videos',
        f'{LISTS}/source/train/no_such.mp4',
        'data_prefix',
        'remove their lines',
    )


@pytest.mark.parametrize('cached', [True, False])
def test_undecodable_videos(demo, cached):
    """All of them are named at once."""
    files = []
    for line in Path(TARGET).read_text().splitlines()[3:5]:
        files.append(Path(LISTS, line.split()[0]))
        files[-1].write_bytes(b'\0garbage' * 500)
    shutil.rmtree(f'{LISTS}/features')
    text = message(demo if cached else uncached(demo), ValueError)
    check(
        text,
        '2 of 32 videos',
        repr(TARGET),
        *map(str, files),
        're-encode them or remove their lines',
    )


@pytest.mark.parametrize('label', [8, -2])
def test_label_out_of_range(demo, label):
    edit(
        TARGET,
        lambda lines: [*lines[:4], f'{lines[4][:-1]}{label}', *lines[5:]],
    )
    name = Path(TARGET).read_text().splitlines()[4].split()[0]
    check(
        message(demo, ValueError),
        repr(TARGET),
        f'line 5: {label} of ',
        name,
        '1 labels are not in [0, 8)',
        'num_classes',
    )


def test_domains_of_different_classes(demo):
    edit(SOURCE, lambda lines: [s for s in lines if not s.endswith(' 2')])
    edit(TARGET, lambda lines: [s for s in lines if s[-1] not in '67'])
    shutil.rmtree(f'{LISTS}/features')
    check(
        message(demo, ValueError),
        'classes of the two domains differ',
        f'only in source ({SOURCE}) [6, 7]',
        f'only in target ({TARGET}) [2]',
        'Remove those videos',
    )


def test_domains_of_different_class_names(demo):
    cfg = uncached(demo)
    dataset = cfg.train_dataloader.dataset
    source, target = dataset.source.videos, dataset.target.videos
    names = source.metainfo.classes
    target.metainfo = dict(classes=[*names[1:], names[0]])
    check(
        message(cfg, ValueError),
        'the same classes in the same order',
        f'{names} and {target.metainfo.classes}',
    )


@pytest.mark.parametrize('file', [SOURCE, TARGET])
def test_domain_smaller_than_a_batch(demo, file):
    """One video of every class; the other domain has enough."""
    edit(file, lambda lines: lines[::4])
    shutil.rmtree(f'{LISTS}/features')
    demo.train_dataloader.batch_size = 9
    domain = Path(file).stem.split('_')[0]
    check(
        message(demo, ValueError),
        f'{domain} ({file}) has 8 videos',
        'fewer than one batch of 9',
        'Lower train_dataloader.batch_size',
    )


# -- backbone and its weights -----------------------------------------------
def test_unknown_backbone(demo):
    demo.model.backbone.backbone.type = 'ShiftNett'
    check(
        message(demo, ValueError),
        "model.backbone.backbone.type='ShiftNett'",
        'Did you mean ShiftNet?',
    )


def random_backbone(demo, **kwargs) -> None:
    """Another backbone, with random weights."""
    backbone = demo.model.backbone
    backbone.update(backbone=ConfigDict(kwargs), seed=0)
    backbone.pop('checkpoint')
    shutil.rmtree(f'{LISTS}/features')


def test_output_of_unexpected_rank(demo):
    """One vector for a clip, where the table expects a map."""
    random_backbone(
        demo,
        type='VisionTransformer',
        return_feat_map=False,
        img_size=32,
        patch_size=16,
        embed_dims=16,
        depth=1,
        num_heads=2,
        num_frames=8,
    )
    check(
        message(demo, ValueError),
        'the output of VisionTransformer has the shape (1, 16)',
        "'n c t h w'",
        'model.backbone.tokens',
    )


def test_no_weights(demo):
    demo.model.backbone.pop('checkpoint')
    check(
        message(demo, ValueError),
        'needs a backbone and weights',
        'model.backbone.checkpoint',
        'model.backbone.seed',
        'checkpoint=None, seed=None',
    )


@pytest.mark.parametrize('file', ['no/such.pth', 'asset://no_such.pth'])
def test_missing_weights(demo, file):
    demo.model.backbone.checkpoint = file
    text = message(demo, ValueError)
    check(
        text,
        file.removeprefix('asset://'),
        'are not there',
        'model.backbone.checkpoint',
    )


def test_weights_of_another_net(demo):
    shutil.rmtree(f'{LISTS}/features', ignore_errors=True)
    torch.save(dict(state_dict={'layer.weight': torch.zeros(3)}), 'other.pth')
    demo.model.backbone.checkpoint = 'other.pth'
    check(
        message(demo, ValueError),
        "'other.pth'",
        'does not hold the weights of ShiftNet',
        'stem.0.weight',
        "has keys such as ['layer.weight']",
        'model.backbone.backbone',
    )


def test_weights_of_another_shape(demo):
    shutil.rmtree(f'{LISTS}/features', ignore_errors=True)
    demo.model.backbone.backbone.widths = (7, 7)
    text = message(demo, ValueError)
    check(text, 'shift_net.safetensors', 'other shape')
    assert re.search(r'stem\.0\.weight: \(.*?\) in the file, \(7, 3, ', text)


# -- checkpoints ------------------------------------------------------------
@pytest.fixture
def checkpoint(demo) -> str:
    """Of an untrained model of the demo config."""
    make_runner(demo).save_checkpoint(
        '.', 'demo.pth', save_optimizer=False, save_param_scheduler=False
    )
    return 'demo.pth'


def test_checkpoint_of_another_config(demo, checkpoint):
    del demo.model.domain_head
    del demo.model.ib_head
    demo.load_from = checkpoint
    text = message(demo, ValueError)
    check(
        text,
        'belongs to another config',
        'missing in the model',
        'Use the config it was trained with',
    )
    keys = re.findall(r'^  ([\w.]+): ', text, re.M)
    assert len(keys) == 5
    assert all(k.startswith(('domain_head.', 'ib_head.')) for k in keys)


def test_checkpoint_of_another_backbone(demo, checkpoint):
    """The same net, other weights; also refused at test."""
    random_backbone(demo, type='ShiftNet')
    demo.load_from = checkpoint
    check(
        message(demo, ValueError),
        'another frozen backbone',
        'random weights, seed 0',
        'weight file that it was trained with',
    )
    with pytest.raises(ValueError, match='another frozen backbone'):
        make_runner(demo).test()


def test_checkpoints_inside_epochs(demo):
    demo.default_hooks.checkpoint.update(by_epoch=False, interval=5)
    check(
        message(demo, ValueError),
        'UDATrainLoop resumes at the start of',
        'default_hooks.checkpoint.by_epoch=True',
    )


# -- feature stores ---------------------------------------------------------
def test_features_of_another_pipeline(demo):
    for node in nodes(demo._cfg_dict):
        if node.get('type') == 'AllFrames':
            node.max_frames = 16
    check(
        message(demo, ValueError),
        f'{LISTS}/features/source_train',
        'another pipeline',
        "'max_frames': 8",
        "'max_frames': 16",
        'Name another extraction.name',
        'delete this one',
    )


def test_features_of_another_backbone(demo):
    demo.model.backbone.pop('checkpoint')
    demo.model.backbone.seed = 5
    check(
        message(demo, ValueError),
        f'{LISTS}/features/source_train',
        'another weights',
        'random weights, seed 5',
        'delete this one',
    )


@pytest.mark.parametrize('keep', [60, 128, 1000])
def test_truncated_shard(demo, keep):
    """Cut in its header, behind it, or in its rows."""
    SHARD.write_bytes(SHARD.read_bytes()[:keep])
    check(
        message(demo, ValueError),
        str(SHARD),
        'Delete the shard',
        'extract again',
    )


def test_lost_shard(demo):
    SHARD.unlink()
    check(message(demo, ValueError), str(SHARD), 'Delete the shard')


def test_shard_of_too_few_videos(demo):
    file = SHARD.with_suffix('.json')
    meta = json.loads(file.read_text())
    meta['frames'].pop()
    file.write_text(json.dumps(meta))
    check(message(demo, ValueError), str(file), 'frames=', 'extract again')
