"""CleanAdapt: which videos an epoch learns from, and with which labels."""

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from helpers.configs import ROOT, reduce_config
from helpers.runs import (
    SeenLosses,
    differing,
    make_runner,
    run_tool,
    state_of,
    train,
)
from mmaction.registry import DATASETS, PARAM_SCHEDULERS
from mmengine.config import Config
from mmengine.hooks import Hook
from mmengine.logging import MessageHub
from torch.utils.data import BatchSampler

import mmaction_uda
from mmaction_uda.config import load_config
from mmaction_uda.datasets import (
    ClipRandAugment,
    PseudoLabelDataset,
    PseudoLabelSampler,
)
from mmaction_uda.datasets.clip_augment import OPERATIONS
from mmaction_uda.engine import PseudoLabelHook, TeacherHook
from mmaction_uda.models.backbones import TunedBackbone
from mmaction_uda.models.heads import MLPClsHead
from mmaction_uda.models.losses import label_losses, select_confident
from mmaction_uda.models.necks import MeanNeck
from mmaction_uda.models.utils import SampleTensors


def hook_of(runner, kind):
    (hook,) = (h for h in runner.hooks if isinstance(h, kind))
    return hook


# -- selection ----------------------------------------------------------------
def test_losses_are_sums_over_streams():
    logits = torch.randn(5, 2, 3, dtype=torch.float64)
    labels = torch.tensor([0, 2, 1, 1, 0])
    expected = F.cross_entropy(logits[:, 0], labels, reduction='none')
    expected += F.cross_entropy(logits[:, 1], labels, reduction='none')
    torch.testing.assert_close(
        label_losses(logits, labels), expected, rtol=0, atol=1e-12
    )


@pytest.mark.parametrize(
    'ratio, kept',
    [
        # Class 0 has 1, 2, 4, 8: quantiles 3 and 2.5; class 2 has 5, 5, 9.
        (0.5, [0, 1, 5, 6]),
        (0.75, [0, 1, 2, 5, 6]),  # 5 of class 0, 7 of class 2
        (1.0, [0, 1, 2, 3, 4, 5, 6]),
        (0.01, [0, 5, 6]),  # the best of each, ties with it
    ],
)
def test_small_losses_of_each_class(ratio, kept):
    losses = torch.tensor([1.0, 2, 4, 8, 9, 5, 5])
    classes = torch.tensor([0, 0, 0, 0, 2, 2, 2])  # class 1 is empty
    assert select_confident(losses, classes, ratio).tolist() == kept


def test_boundary_of_the_quantile_is_kept():
    losses = torch.tensor([3.0, 1, 2, 4, 5])
    classes = torch.zeros(5, dtype=torch.long)
    assert select_confident(losses, classes, 0.5).tolist() == [0, 1, 2]
    assert select_confident(losses, classes, 0.49).tolist() == [1, 2]


class Given(PseudoLabelHook):
    """The pass gives prepared logits."""

    def __init__(self, logits, **kwargs):
        super().__init__(**kwargs)
        self.logits = logits

    def predict(self, model):
        return self.logits

    def _model(self, runner):
        return None


class Loader:
    """What of a runner the hook asks for."""

    def __init__(self, number, keep_ratio=0.5):
        self.sampler = PseudoLabelSampler(range(number), 0, keep_ratio)
        self.train_dataloader = self
        self.message_hub = MessageHub(f'loader{id(self)}')


def run_hook(hook, number) -> list:
    runner = Loader(number)
    hook.before_train_epoch(runner)
    return runner.sampler.selection


def test_teacher_takes_losses_of_old_labels_and_classes_of_new_ones():
    """Four videos, all of the same new class.

    Against the old labels (0, 0, 1, 1) the losses of 0 and 1 are small:
    log(1 + e^-1) and log(1 + e^-2); against the new ones (all 0) those of 2
    and 3 were the smallest.
    """
    margins = torch.tensor([1.0, 2, 3, 4])  # of class 0 over class 1
    logits = torch.stack([margins, 0 * margins], -1)[:, None]
    hook = Given(logits, teacher=True)
    hook.labels = torch.tensor([0, 0, 1, 1])
    assert run_hook(hook, 4) == [(0, 0), (1, 0)]
    assert hook.labels.tolist() == [0, 0, 0, 0]
    assert run_hook(hook, 4) == [(2, 0), (3, 0)]  # now against new labels

    fixed = Given(logits)
    fixed.labels = torch.tensor([0, 0, 1, 1])
    # By old classes: the better of each, 1 and 2.
    assert run_hook(fixed, 4) == [(1, 0), (2, 1)]
    assert fixed.labels.tolist() == [0, 0, 1, 1]


def test_first_labels_are_those_of_mean_logits():
    # Streams disagree; the mean of logits decides, not a vote.
    logits = torch.tensor([[[3.0, 0.0], [0.0, 1.0]], [[1.0, 0.0], [0.0, 2.0]]])
    hook = Given(logits)
    run_hook(hook, 2)
    assert hook.labels.tolist() == [0, 1]


# -- data ---------------------------------------------------------------------
def test_epochs_of_the_sampler():
    sampler = PseudoLabelSampler(range(10), 3, 0.5)
    with pytest.raises(ValueError, match='PseudoLabelHook'):
        iter(sampler)
    sampler.select([1, 4, 6, 7, 8, 9], [2, 0, 1, 2, 1, 0])  # more than 5
    labels = {1: 2, 4: 0, 6: 1, 7: 2, 8: 1, 9: 0}
    draws = list(sampler)
    assert len(draws) == len(sampler) == 5
    assert len({i for i, _, _ in draws}) == 5
    assert all(labels[i] == label for i, _, label in draws)
    assert list(sampler) == draws
    sampler.set_epoch(1)
    other = list(sampler)
    assert other != draws
    assert not {s for _, s, _ in other} & {s for _, s, _ in draws}
    sampler.select([4, 7], [0, 0])  # fewer
    drawn = [i for i, _, _ in sampler]
    assert sorted(drawn[:2]) == sorted(drawn[2:4]) == [4, 7]


def test_processes_share_an_epoch():
    whole = PseudoLabelSampler(range(10), 3, 0.5)
    parts = [PseudoLabelSampler(range(10), 3, 0.5) for _ in range(2)]
    for rank, part in enumerate(parts):
        part.rank, part.world_size = rank, 2
    for sampler in (whole, *parts):
        sampler.select([0, 2, 3, 5, 7], [1] * 5)
    first, second = map(list, parts)
    assert [first[0], second[0], first[1], second[1]] == list(whole)[:4]


def test_no_item_has_the_annotated_label(make_config):
    cfg = make_config('cleanadapt_frozen_demo')
    dataset = DATASETS.build(cfg.train_dataloader.dataset)
    assert isinstance(dataset, PseudoLabelDataset)
    annotated = dataset.target[3]['data_samples'].gt_label.item()
    assert 'gt_label' not in dataset[3]['data_samples']
    (item,) = dataset.__getitems__([3])
    assert 'gt_label' not in item['data_samples']
    other = (annotated + 1) % 8
    a, b = dataset[3, 17, other], dataset[3, 17, other]
    assert a['data_samples'].gt_label.item() == other
    assert torch.equal(a['inputs'], b['inputs'])
    assert not torch.equal(a['inputs'], dataset[3, 18, other]['inputs'])


def test_strong_view_is_the_same_for_all_frames():
    frame = np.random.default_rng(0).integers(
        0, 256, (20, 24, 3), dtype=np.uint8
    )
    np.random.seed(0)
    changed = 0
    for _ in range(20):
        augment = ClipRandAugment(magnitude=9)
        imgs = augment.transform(dict(imgs=[frame, frame.copy()]))['imgs']
        assert np.array_equal(*imgs)
        assert imgs[0].shape == frame.shape and imgs[0].dtype == np.uint8
        changed += not np.array_equal(imgs[0], frame)
    assert 10 <= changed <= 20  # 1 - (1 / 2)^3 of them, nearly
    still = ClipRandAugment(prob=0.0).transform(dict(imgs=[frame]))['imgs']
    assert np.array_equal(still[0], frame)


@pytest.mark.parametrize('name', OPERATIONS)
def test_every_operation_changes_an_image(name):
    image = np.random.default_rng(0).integers(
        30, 200, (20, 24, 3), dtype=np.uint8
    )
    out = OPERATIONS[name](image, 0.9, 1)
    assert out.shape == image.shape
    assert not np.array_equal(out.astype(np.uint8), image)


def test_inverted_red_is_cyan():
    """Colours keep their channels on the way through mmcv."""
    red = np.zeros((4, 4, 3), np.uint8)
    red[..., 0] = 255
    augment = ClipRandAugment()
    out = augment._augment(red, [(OPERATIONS['invert'], 1)])
    assert (out == [0, 255, 255]).all()


# -- heads and necks ----------------------------------------------------------
def test_loss_of_mean_logits():
    logits = torch.randn(3, 2, 4)
    labels = torch.tensor([1, 0, 3])
    samples = SampleTensors(labels, num_source=3)
    fused = MLPClsHead(4, 8, fuse_views=True).loss_by_feat(logits, samples)
    expected = F.cross_entropy(logits.mean(1), labels)
    torch.testing.assert_close(fused['loss_cls'], expected)
    each = MLPClsHead(4, 8).loss_by_feat(logits, samples)
    expected = label_losses(logits, labels).mean() / 2
    torch.testing.assert_close(each['loss_cls'], expected)


def test_mean_over_time():
    x = torch.randn(2, 3, 4, 5)
    out, losses = MeanNeck(5)(x)
    assert torch.equal(out, x.mean(2)) and not losses
    with pytest.raises(ValueError, match='in_channels'):
        MeanNeck(6)(x)


@pytest.mark.parametrize(
    'name, first, second',
    [('cleanadapt_source', 11, 21), ('cleanadapt', 21, 41)],
)
def test_published_learning_rates(name, first, second):
    """A tenth from these epochs on, counted from 0."""
    cfg = Config.fromfile(ROOT / f'configs/_base_/schedules/{name}.py')
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], lr=0.01)
    (steps,) = cfg.param_scheduler
    scheduler = PARAM_SCHEDULERS.build(
        steps, default_args=dict(optimizer=optimizer)
    )
    rates = []
    for _ in range(cfg.train_cfg.max_epochs):
        rates.append(optimizer.param_groups[0]['lr'])
        optimizer.step()
        scheduler.step()
    after = len(rates) - second
    expected = first * [1e-2] + (second - first) * [1e-3] + after * [1e-4]
    assert cfg.optim_wrapper.optimizer.lr == 0.01
    assert rates == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    'method, videos, steps, rest',
    [
        ('cleanadapt', 840 // 2, 9, 36),
        ('cleanadapt_ts', 840 // 2, 9, 36),
        ('cleanadapt_two_stream', 840 // 2, 18, 12),
        ('cleanadapt_ts_two_stream', 840 // 2, 18, 12),
        ('cleanadapt_source', 1438, 30, 46),
        ('cleanadapt_source_two_stream', 1438, 60, 22),
    ],
)
def test_published_trainings(method, videos, steps, rest):
    """Batches of 48 and 24, none is dropped; batch norms are trained."""
    setting = 'i3d_two_stream' if method.endswith('two_stream') else 'i3d'
    cfg = load_config(f'{method}@{setting}_ucf2hmdb')
    loader = cfg.train_dataloader
    batches = BatchSampler(range(videos), loader.batch_size, loader.drop_last)
    sizes = [len(batch) for batch in batches]
    assert len(sizes) == steps and sizes[-1] == rest
    assert cfg.model.backbone.norm_eval is False


# -- the net ------------------------------------------------------------------
def make_net(norm_eval: bool) -> tuple:
    """A convolution, a batch norm, ReLU; means over space are the tokens."""
    tuned = TunedBackbone(
        dict(type='ShiftNet', widths=(5,)),
        seed=0,
        norm_eval=norm_eval,
        max_frames=4,
    ).double()
    conv, norm = tuned.net.stem[:2]
    with torch.no_grad():
        norm.weight.uniform_(0.5, 2)
        norm.bias.normal_()
        norm.running_mean.normal_()
        norm.running_var.uniform_(0.5, 2)
    return tuned, conv, norm


def tokens_by_hand(clips, conv, norm, mean, var):
    """Tokens ``[B, 1, T, 5]`` of ``[B, 1, 3, T, H, W]``."""
    frames = clips[:, 0].transpose(1, 2).flatten(0, 1)
    x = F.conv2d(frames, conv.weight, stride=2, padding=2)
    if mean is None:  # those of all frames
        mean = x.mean((0, 2, 3))
        var = (x - mean[:, None, None]).square().mean((0, 2, 3))
    scale = norm.weight / (var + norm.eps).sqrt()
    x = (x - mean[:, None, None]) * scale[:, None, None]
    tokens = (x + norm.bias[:, None, None]).relu().mean((2, 3))
    return tokens.view(len(clips), 1, -1, 5), mean, var


@pytest.mark.parametrize('norm_eval', [True, False])
def test_norms_of_a_tuned_net(norm_eval):
    """In training the statistics of the batch, if so asked; tokens are
    float32. The net reads 4 frames at once, which must not matter."""
    torch.manual_seed(0)
    tuned, conv, norm = make_net(norm_eval)
    stored = norm.running_mean.clone(), norm.running_var.clone()
    clips = torch.randn(3, 1, 3, 4, 8, 8, dtype=torch.float64)
    weights = torch.randn(3, 1, 4, 5)
    known = stored if norm_eval else (None, None)
    expected, mean, var = tokens_by_hand(clips, conv, norm, *known)
    found = tuned(clips)
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-6)
    gradients = [
        torch.autograd.grad(
            (tokens * weights).sum(), [conv.weight, norm.weight, norm.bias]
        )
        for tokens in (found, expected)
    ]
    for a, b in zip(*gradients):
        torch.testing.assert_close(a, b, rtol=0, atol=1e-6)
    moved = stored
    if not norm_eval:
        count = 12 * 4 * 4
        var = var * count / (count - 1)
        moved = [0.9 * s + 0.1 * v for s, v in zip(stored, (mean, var))]
    torch.testing.assert_close(norm.running_mean, moved[0])
    torch.testing.assert_close(norm.running_var, moved[1])
    expected, _, _ = tokens_by_hand(clips, conv, norm, *moved)
    found = tuned.eval()(clips)
    torch.testing.assert_close(found.double(), expected, rtol=0, atol=1e-6)
    torch.testing.assert_close(norm.running_mean, moved[0])


# -- trainings ----------------------------------------------------------------
def with_teacher(cfg):
    """CleanAdapt+TS of a config of CleanAdapt, for stored features."""
    cfg.default_hooks.pseudo_labels.teacher = True
    cfg.default_hooks.teacher = dict(type='TeacherHook', momentum=0.01)
    return cfg


@pytest.fixture
def frozen(make_config):
    """Configs of CleanAdapt on features, with and without a teacher."""
    cfg = make_config('cleanadapt_frozen_demo')
    cfg.train_cfg.update(max_epochs=3, val_interval=3)
    cfg.train_dataloader.batch_size = 4

    def make(teacher=False):
        copied = cfg.copy()
        return with_teacher(copied) if teacher else copied

    return make


class Labelled(Hook):
    """The reduced source stage knows one class: begin with labels of all."""

    def before_train(self, runner):
        hook = hook_of(runner, PseudoLabelHook)
        if hook.labels is None:
            hook.labels = torch.arange(32) * 5 % 8


class Interrupt(Hook):
    def before_train_iter(self, runner, batch_idx, data_batch=None):
        if (runner.epoch, batch_idx) == (2, 1):
            raise KeyboardInterrupt


@pytest.mark.parametrize('teacher', [False, True])
def test_resumed_is_uninterrupted(frozen, teacher):
    cfg = frozen(teacher)
    whole = train(cfg, Labelled())
    labels = hook_of(whole, PseudoLabelHook).labels
    cfg.work_dir = 'parts'
    with pytest.raises(KeyboardInterrupt):
        train(cfg, Labelled(), Interrupt())
    stored = torch.load('parts/epoch_2.pth', weights_only=True)
    assert stored['pseudo_labels'].shape == (32,)
    cfg.resume = True
    resumed = train(cfg, Labelled())
    assert resumed.iter == whole.iter
    assert torch.equal(hook_of(resumed, PseudoLabelHook).labels, labels)
    assert not differing(state_of(whole.model), state_of(resumed.model))


@pytest.mark.parametrize('teacher', [False, True])
def test_annotations_of_the_target_change_no_weight(frozen, teacher):
    cfg = frozen(teacher)
    seen = SeenLosses()
    before = state_of(train(cfg, Labelled(), seen).model)
    target = Path(cfg.train_dataloader.dataset.target.videos.ann_file)
    lines = [line.split() for line in target.read_text().splitlines()]
    labels = np.random.default_rng(0).permutation([b for _, b in lines])
    text = ''.join(f'{a} {b}\n' for (a, _), b in zip(lines, labels))
    assert text != target.read_text()
    target.write_text(text)
    # The store keeps the labels of its list; only those change here.
    other = SeenLosses()
    after = state_of(train(cfg, Labelled(), other).model)
    assert not differing(before, after)
    assert [s['loss'] for s in seen.losses] == [
        s['loss'] for s in other.losses
    ]


class SeenBatches(Hook):
    """Labels of the batches beside those that the hook holds."""

    def __init__(self):
        self.pairs = []

    def before_train_iter(self, runner, batch_idx, data_batch=None):
        labels = hook_of(runner, PseudoLabelHook).labels
        videos = {int(lab) for lab in labels}
        for sample in data_batch['data_samples']:
            self.pairs.append((int(sample.gt_label), videos))


def test_selection_and_teacher_change_the_training(frozen):
    def losses(cfg, lr):
        seen, batches = SeenLosses(), SeenBatches()
        cfg.optim_wrapper.optimizer.lr = lr
        train(cfg, Labelled(), seen, batches)
        assert all(label in there for label, there in batches.pairs)
        return [step['loss'] for step in seen.losses]

    still = 1e-30  # moves no weight
    selected = losses(frozen(), still)
    assert len(selected) == 3 * 4  # half of 32 videos in batches of 4
    cfg = frozen()
    cfg.train_dataloader.sampler.keep_ratio = 1.0
    everything = losses(cfg, still)
    assert len(everything) == 3 * 8
    # What it is least sure of costs more.
    assert np.mean(everything[:8]) > np.mean(selected[:4]) + 1e-3
    alone = losses(frozen(), 1e-2)
    taught = losses(frozen(teacher=True), 1e-2)
    assert taught != alone


class FollowTeacher(Hook):
    """Compares the teacher with its formula after every step."""

    priority = 'LOWEST'

    def before_train_epoch(self, runner):
        if runner.iter == 0:
            self.expected = self.teacher(runner)
            assert not differing(self.expected, state_of(runner.model))

    def after_train_iter(self, runner, batch_idx, *args, **kwargs):
        student = state_of(runner.model)
        parameters = dict(runner.model.named_parameters())
        for name, old in self.expected.items():
            new = student[name]
            if name in parameters:
                new = 0.99 * old.double() + 0.01 * new.double()
            self.expected[name] = new
        found = self.teacher(runner)
        for name, new in self.expected.items():
            torch.testing.assert_close(
                found[name].double(), new.double(), rtol=1e-5, atol=1e-7
            )
        self.distance = max(
            (found[n] - student[n]).abs().max() for n in parameters
        )

    def teacher(self, runner):
        return state_of(hook_of(runner, TeacherHook).ema_model.module)


def test_teacher_is_the_moving_average(frozen):
    follow = FollowTeacher()
    runner = train(frozen(teacher=True), follow)
    assert follow.distance > 1e-4
    # What is handed on and stored is the teacher.
    state = state_of(runner.model)
    stored = torch.load(Path(runner.work_dir, 'epoch_3.pth'))['state_dict']
    assert not differing(state, stored)
    for name, value in follow.expected.items():
        torch.testing.assert_close(
            state[name].double(), value.double(), rtol=1e-5, atol=1e-7
        )
    scalars = runner.message_hub.log_scalars
    assert 'val/acc/top1' in scalars and 'val/student/acc/top1' in scalars


def test_a_teacher_is_needed(frozen):
    cfg = with_teacher(frozen())
    del cfg.default_hooks.teacher
    mmaction_uda.engine.prepare(cfg)
    with pytest.raises(ValueError, match='TeacherHook'):
        make_runner(cfg).train()


@pytest.mark.parametrize(
    'source, name',
    [
        ('cleanadapt_source_demo', 'cleanadapt_demo'),
        ('transferattn_source@demo', 'transferattn_source_free_demo'),
    ],
)
def test_source_is_never_opened_after_its_stage(make_config, source, name):
    """Lists and videos of the source are gone; the tools train all the same.

    Through videos, where the net itself adapts, and stored tokens.
    """
    make_config('source_only_demo')  # data
    for config in (source, name):
        cfg = reduce_config(load_config(config), Path('work'))
        if config == name:
            cfg.stages = dict(source=dict(config='source.py'))
        cfg.dump('source.py' if config == source else f'{config}.py')
    run_tool('train.py', f'{name}.py')
    (root,) = Path('data/demo').iterdir()
    expected = torch.load('work/epoch_1.pth', weights_only=True)['state_dict']
    for path in list(root.rglob('*source*')):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    for config in ('source', name):
        assert 'RenderedBenchmark' in Path(f'{config}.py').read_text()
    log = run_tool('train.py', f'{name}.py', '--overwrite')
    assert 'finished stage source' in log
    found = torch.load('work/epoch_1.pth', weights_only=True)['state_dict']
    assert not differing(expected, found)
    assert not list(root.rglob('*source*'))
