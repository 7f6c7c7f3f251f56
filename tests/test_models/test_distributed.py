"""Two real processes give what one gives on the whole batch."""

import re
from contextlib import suppress
from types import SimpleNamespace

import pytest
import torch
import torch.distributed as dist
from helpers.configs import CLIP, CONFIGS, FRAMES, small_config
from helpers.forked import spread
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.optim import OptimWrapper
from mmengine.registry import init_default_scope
from torch.nn.parallel import DistributedDataParallel

from mmaction_uda.engine import TeacherHook
from mmaction_uda.models.backbones import FrozenBackbone
from mmaction_uda.models.heads import InformationBottleneckHead
from mmaction_uda.models.losses import (
    CORALLoss,
    EntropyLoss,
    JANLoss,
    MatchOrConfLoss,
    MMDLoss,
)
from mmaction_uda.models.recognizers import SelfTrainingRecognizer
from mmaction_uda.models.utils import Outputs, gather_rows

WORLD = 2  # processes
BATCH, VIEWS, WIDTH, CLASSES, STEPS = 3, 2, 5, 3, 4  # BATCH of a process
UNSEEN = CLASSES  # a class that no source row has
QUEUE = 10  # a view writes 6 rows: it wraps round in the second view
NORMS = ('LN', 'BN')  # of the projector
IB = dict(loss_weight=1.0, queue_size=QUEUE)
METHODS = (  # demo configs, and what is changed in their model, separated by ;
    'source_only',
    'oracle',
    'baseline',
    'dann',
    'mmd',
    'jan',
    'coral',
    'entropy',
    'transferattn',
    'transferattn:neck.last_attention.disc_supervision=bce',
    'transferattn:ib_head.ib_pairs=batch',
    'transferattn_release',
    'transferattn_tam',
    'transferattn_flow',
    'transferattn_multimodal',
    'transferattn_source',
    'transferattn_source_free',
    'transferattn_teacher',
    # Templates are drawn, of one there is no choice.
    'dallv_source:cls_head.templates=unite',
    'dallv_target:cls_head.templates=unite',
    'dallv',
    'costar_source',
    # Which rows a process draws is by chance.
    'costar:loss_pseudo.curriculum.ratio=0',
    'udavt_phase1',
    'udavt',
    'udavt_tam',
    'udavt_dtab',
    'ta3n_tempooling',
    'ta3n_temrelation',
    'ta3n',
    'ma2ltd',
    'ma2ltd:neck.domain_head.scale_attention=published',
    # Negatives are drawn; sure predictions are wanted from the start.
    'transvae:neck.triplet_weight=0;neck.static_variance=own;'
    'loss_pseudo.threshold=0.5;'
    'loss_pseudo.start=0',
    'cleanadapt_source',
    'cleanadapt',
    'cleanadapt_ts',
    'cleanadapt_source_frozen',
    'cleanadapt_frozen',
    'cleanadapt_source_two_stream_frozen',
    'cleanadapt_two_stream_frozen',
    'unite_small_source@demo_vit',
    # Masks are drawn, of all patches there is no choice; so is a threshold.
    'unite_small@demo_vit:mask.ratio=0;mask.num_masks=1;'
    'loss_pseudo.threshold=0.5',
    # Two of six rows are sure.
    'motion_tokens_small@demo_vit:backbone.select.threshold=fixed;'
    'loss_pseudo.threshold=0.526',
)
TUNED = ('udavt_phase1', 'cleanadapt_source', 'cleanadapt', 'cleanadapt_ts')
SAMPLERS = dict(DefaultSampler='source', PseudoLabelSampler='target')
COUPLED = (
    MMDLoss(),
    JANLoss(),
    CORALLoss(),
    EntropyLoss(diversity_weight=1),
    MatchOrConfLoss(threshold=0.5, teacher='none'),
)


def randn(*shape: int, seed: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(*shape, generator=generator, dtype=torch.float64)


def make_samples(labels: list) -> list:
    source = [
        ActionDataSample(metainfo=dict(domain='source')).set_gt_label(label)
        for label in labels
    ]
    target = [ActionDataSample(metainfo=dict(domain='target')) for _ in labels]
    return source + target


def make_logits(step: int) -> torch.Tensor:
    """Of a global batch; the second step's leave class 2 without a match,
    the last one's every row."""
    logits = randn(2, BATCH * WORLD, VIEWS, CLASSES + 1, seed=20 + step)
    logits[..., UNSEEN] = 9 if step == STEPS - 1 else -9
    if step == 1:
        logits[..., 2] = -9
    return logits


def bottleneck_steps(rank: int, world: int, norm: str) -> list:
    """Train an encoder on this process's part of the global batches."""
    encoder = torch.nn.Linear(WIDTH, WIDTH).double()
    with torch.no_grad():
        encoder.weight.copy_(randn(WIDTH, WIDTH, seed=0))
        encoder.bias.copy_(randn(WIDTH, seed=1))
    projector = dict(channels=(4, 4), norm=norm)
    head = InformationBottleneckHead(WIDTH, projector, **IB).double()
    forward = encoder if world == 1 else DistributedDataParallel(encoder)
    total, records = BATCH * WORLD, []
    mine = slice(rank, None, world)  # as the sampler deals out pairs
    for step in range(STEPS):
        x = randn(2, total, VIEWS, WIDTH, seed=2 + step)[:, mine]
        logits = make_logits(step)[:, mine]
        labels = [(i + step) % CLASSES for i in range(total)][mine]
        feats = forward(x.flatten(0, 1))
        outputs = Outputs(logits.flatten(0, 1), 0 * feats, feats)
        loss = head.loss(outputs, make_samples(labels))['loss_ib']
        encoder.zero_grad()
        loss.backward()
        records.append(
            dict(
                loss=loss.detach(),
                weight_grad=encoder.weight.grad.clone(),
                bias_grad=encoder.bias.grad.clone(),
                **{k: v.clone() for k, v in head.named_buffers()},
            )
        )
        with torch.no_grad():
            for parameter in encoder.parameters():
                parameter -= 0.1 * parameter.grad
    return records


def gathered(rank: int) -> dict:
    """Rows of the global items ``rank, rank + 2, ...``."""
    x = torch.arange(6.0, dtype=torch.float64)[rank::WORLD]
    x = torch.stack((x, -x)).T.requires_grad_()  # [3, 2], not contiguous
    out = gather_rows(x)
    (out * (rank + 1) * torch.arange(1.0, 7)[:, None]).sum().backward()
    labels = gather_rows(torch.arange(6)[rank::WORLD])
    return dict(rows=out.detach(), grad=x.grad, labels=labels)


def teacher(rank: int) -> dict:
    """Statistics of a teacher, whose model sees its process's videos."""
    norm = torch.nn.BatchNorm1d(2).double()
    norm.running_mean.fill_(rank)
    norm.running_var.fill_(2 + rank)
    hook = TeacherHook()
    hook.ema_model = SimpleNamespace(module=norm)
    hook.after_train_epoch(None)
    return dict(mean=norm.running_mean, var=norm.running_var)


def coupled(rank: int, world: int) -> dict:
    """Value and encoder gradient of every loss that couples all rows."""
    total, mine = BATCH * WORLD, slice(rank, None, world)
    x = randn(2, total, VIEWS, WIDTH, seed=50)[:, mine]
    samples = make_samples([0] * x.size(1))
    results = {}
    for loss in COUPLED:
        encoder = torch.nn.Linear(WIDTH, WIDTH).double()
        with torch.no_grad():
            encoder.weight.copy_(randn(WIDTH, WIDTH, seed=51))
            encoder.bias.copy_(randn(WIDTH, seed=52))
        forward = encoder if world == 1 else DistributedDataParallel(encoder)
        feats = forward(x.flatten(0, 1))
        outputs = Outputs(feats[..., :CLASSES], feats, feats)
        losses = loss(outputs, samples)
        (value,) = [v for k, v in losses.items() if 'loss' in k]
        value.backward()
        # Means over rows are means over the processes' means.
        value = value.detach().clone()
        if world > 1:
            dist.all_reduce(value)
        gradients = [p.grad for p in encoder.parameters()]
        results[type(loss).__name__] = [value / world, *gradients]
    return results


def make_method(name: str) -> torch.nn.Module:
    """The model of a demo config, small, in float64 and without chance.

    Two classes: then some rows of the domains match in every batch.
    """
    name, _, change = name.partition(':')
    cfg = small_config(name if '@' in name else f'{name}@demo')
    cfg.model.cls_head.num_classes = 2
    backbone = cfg.model.backbone
    if name.endswith('@demo_vit'):
        backbone.update(checkpoint=None, seed=0)
    elif backbone.type == 'TunedBackbone':
        backbone.sample = None  # draws frames
        backbone.checkpoint = 'asset://shift_net.safetensors'
    else:
        cfg.model.backbone = dict(
            type='FrozenBackbone', features='any', cached=True
        )
    for pair in change.split(';') if change else []:
        key, _, value = pair.partition('=')
        with suppress(ValueError):
            value = float(value) if '.' in value else int(value)
        cfg.merge_from_dict({f'model.{key}': value})
    torch.manual_seed(0)
    model = MODELS.build(cfg.model).double()
    model.wrapper = dict(
        broadcast_buffers=False,
        find_unused_parameters=cfg.get('find_unused_parameters', False),
    )
    model.backbone.register_forward_hook(lambda m, args, x: x.double())
    model.domain = SAMPLERS.get(cfg.train_dataloader.sampler.type)
    if 'source_free' in name:
        rows = randn(6, model.ib_head.queue.shape[1], seed=1)
        model.ib_head.remember(rows, torch.arange(6) % 2)
    if name.startswith(('dallv', 'costar')):
        model.domain = 'source' if name.endswith('_source') else 'target'
    if name == 'costar':  # else the teacher says what the model says
        for weights in model.teacher.parameters():
            weights.data *= 1.5
    if 'dallv' in name:
        texts = model.cls_head.texts
        texts.data.copy_(randn(*texts.shape, seed=2))
    for module in model.modules():
        if isinstance(module, torch.nn.Dropout):
            module.p = 0.0
        elif isinstance(getattr(module, 'dropout', None), float):
            module.dropout = 0.0
        elif isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
            module.eval()  # those inside a network are not global
        if hasattr(module, 'set_progress'):
            module.set_progress(0.5, 0.5)
    return model


def method_batch(model: torch.nn.Module, step: int) -> tuple:
    """A global batch of tokens, or of frames, and its samples."""
    items = BATCH * WORLD
    samples = make_samples([(i + step) % 2 for i in range(items)])
    if model.cls_head.label_domain == 'target':
        for number, sample in enumerate(samples[items:]):
            sample.set_gt_label(number % 2)
    for number, sample in enumerate(samples[items:]):
        sample.teacher_scores = 5 * randn(2, seed=30 + number)
        sample.set_field(number, 'index', field_type='metainfo')
    neck = model.neck
    if model.domain == 'source':
        samples = samples[:items]
    elif model.domain == 'target':
        samples = samples[items:]
    if isinstance(model.backbone, FrozenBackbone):
        shape = (VIEWS, neck.num_frames or FRAMES, neck.in_channels)
    else:
        shape = (1, 3, neck.num_frames or CLIP, 32, 32)
    x = randn(len(samples), *shape, seed=60 + step)
    return x, samples


def part(batch: tuple, number: int, count: int) -> tuple:
    """One of ``count`` equal parts of a batch, dealt out by pairs."""
    x, samples = batch
    items = BATCH * WORLD
    rows = [r for r in range(len(samples)) if r % items % count == number]
    return x[rows], [samples[r] for r in rows]


def losses_of(
    forward: torch.nn.Module, model: torch.nn.Module, x: torch.Tensor, samples
) -> dict:
    """Of a batch, whose clips are weak views of themselves if there are."""
    weak = {}
    if isinstance(model, SelfTrainingRecognizer):
        weak = dict(weak=x[len(x) // 2 :])  # of the target
    return forward(x, samples, mode='loss', **weak)


def method_steps(name: str, rank: int, world: int) -> list:
    """Losses, gradients of all parameters and buffers of each step."""
    model, records = make_method(name), []
    forward = model
    if world > 1:  # as the runner does
        forward = DistributedDataParallel(model, **model.wrapper)
    trained = {k: p for k, p in model.named_parameters() if p.requires_grad}
    optimizer = torch.optim.SGD(trained.values(), lr=1e-3)
    for step in range(3):
        x, samples = part(method_batch(model, step), rank, world)
        losses = losses_of(forward, model, x, samples)
        optimizer.zero_grad()
        sum(v for k, v in losses.items() if 'loss' in k).backward()
        record = {k: v.detach().clone() for k, v in losses.items()}
        if world > 1:  # means over rows, or the same everywhere
            for value in record.values():
                dist.all_reduce(value)
                value /= world
        record.update(
            (f'{k}.grad', p.grad.clone())
            for k, p in trained.items()
            if p.grad is not None  # it lies behind the tokens of a net
        )
        record.update((k, b.clone()) for k, b in model.named_buffers())
        records.append(record)
        optimizer.step()
    return records


# Its entropy couples no samples.
PLAIN = 'baseline:loss_entropy.diversity_weight=0'


def accumulated(name: str, counts: int, rank: int, world: int) -> dict:
    """Weights after two optimizer steps of ``counts`` batches each."""
    model = make_method(name)
    forward = model
    if world > 1:
        forward = DistributedDataParallel(model, **model.wrapper)
    trained = {k: p for k, p in model.named_parameters() if p.requires_grad}
    wrapper = OptimWrapper(
        torch.optim.SGD(trained.values(), lr=0.1), accumulative_counts=counts
    )
    wrapper.initialize_count_status(model, 0, 2 * counts)
    for number in range(2 * counts):
        step, micro = divmod(number, counts)
        batch = part(
            method_batch(model, step), micro * world + rank, counts * world
        )
        with wrapper.optim_context(forward):
            losses = losses_of(forward, model, *batch)
        wrapper.update_params(model.parse_losses(losses)[0])
    return {k: p.detach() for k, p in trained.items()}


def work(rank: int, folder: str) -> None:
    torch.set_num_threads(1)
    init_default_scope('mmaction')
    dist.init_process_group(
        'gloo',
        init_method=f'file://{folder}/store',
        rank=rank,
        world_size=WORLD,
    )
    result = dict(
        gather=gathered(rank),
        teacher=teacher(rank),
        steps={norm: bottleneck_steps(rank, WORLD, norm) for norm in NORMS},
        coupled=coupled(rank, WORLD),
        methods={name: method_steps(name, rank, WORLD) for name in METHODS},
        accumulated=accumulated(PLAIN, 3, rank, WORLD),
    )
    torch.save(result, f'{folder}/{rank}.pt')
    dist.destroy_process_group()


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    """What two processes computed."""
    folder = str(tmp_path_factory.mktemp('processes'))
    spread(work, WORLD, folder)
    return [torch.load(f'{folder}/{rank}.pt') for rank in range(WORLD)]


def test_gathered_rows_are_in_global_item_order(results):
    items = torch.arange(6.0, dtype=torch.float64)
    for result in results:
        rows = torch.stack((items, -items), 1)
        assert torch.equal(result['gather']['rows'], rows)
        assert result['gather']['labels'].tolist() == list(range(6))


def test_teachers_have_the_same_statistics(results):
    for result in results:
        assert result['teacher']['mean'].tolist() == [0.5, 0.5]
        assert result['teacher']['var'].tolist() == [2.5, 2.5]


def test_gradients_of_all_processes_are_summed(results):
    """Process ``r`` weighs row ``i`` by ``(r + 1) (i + 1)``."""
    for rank, result in enumerate(results):
        expected = [(1 + 2) * (i + 1) for i in range(6)][rank::WORLD]
        assert result['gather']['grad'].T.tolist() == 2 * [expected]


@pytest.mark.parametrize('norm', NORMS)
@pytest.mark.parametrize(
    'key',
    [
        'loss',
        'weight_grad',
        'bias_grad',
        'queue',
        'queue_labels',
        'queue_pointer',
    ],
)
def test_two_processes_equal_one_with_the_whole_batch(results, key, norm):
    """The gradient is DDP's mean over the processes."""
    for step, expected in enumerate(bottleneck_steps(0, 1, norm)):
        for result in results:
            value = result['steps'][norm][step][key]
            assert torch.allclose(value, expected[key], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize('name', [type(loss).__name__ for loss in COUPLED])
def test_losses_that_couple_all_rows(results, name):
    alone = coupled(0, world=1)[name]
    assert alone[0] != 0 and alone[1].any()
    for result in results:
        for found, expected in zip(result['coupled'][name], alone):
            assert torch.allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize('name', METHODS)
def test_methods(results, name):
    """Every loss, gradient and buffer of a method, through its model."""
    for step, alone in enumerate(method_steps(name, 0, world=1)):
        for result in results:
            found = result['methods'][name][step]
            assert set(found) == set(alone)
            for key, expected in alone.items():
                # Shares of right answers and tokens of frames are float32.
                # So are the weights and tokens of a tuned backbone.
                tuned = name in TUNED or '@demo_vit' in name
                single = expected.dtype == torch.float32 or tuned
                limit = 1e-6 if single else 1e-9
                error = (found[key] - expected).double().norm()
                assert error <= limit * expected.double().norm(), key
        for key, value in alone.items():
            if name == 'transferattn_source' and key == 'loss_ib':
                continue  # one domain has no pairs
            if 'loss' in key or key.endswith('.grad'):
                assert value.any(), key  # it was there to be compared


# TransferAttn, and nothing to learn.
LEFT_OUT = ('transferattn_moving', 'clip_zero_shot')


def test_methods_are_all_of_the_demos():
    names = {n.removesuffix('_demo') for n in CONFIGS if n.endswith('_demo')}
    # Other encoders with nothing that couples samples.
    names = {n for n in names if not n.startswith(('source_only_', *LEFT_OUT))}
    known = {re.split('[:@]', name)[0] for name in METHODS}
    known = {name.replace('_small', '') for name in known}
    assert known == names | {'transferattn_source', 'dallv_source'}


def test_accumulation_on_two_processes(results):
    """Three batches on two processes are one of all six pairs."""
    alone = accumulated(PLAIN, 1, 0, world=1)
    before = dict(make_method(PLAIN).named_parameters())
    assert all((alone[k] != before[k]).any() for k in alone)
    for result in results:
        for key, expected in alone.items():
            found = result['accumulated'][key]
            assert torch.allclose(found, expected, rtol=1e-9, atol=1e-12), key


@pytest.mark.parametrize('norm', NORMS)
def test_the_steps_read_a_queue_that_has_wrapped(norm):
    """In the last step nothing matches, neither of the batch nor of it."""
    records = bottleneck_steps(0, 1, norm)
    assert [int(r['queue_pointer']) for r in records] == [2, 4, 6, 8]
    assert all((r['queue_labels'] >= 0).all() for r in records)
    *records, last = records
    assert all(r['loss'] > 0 and r['weight_grad'].any() for r in records)
    assert last['loss'] == 0 and not last['weight_grad'].any()


def test_a_class_without_a_match():
    for step in range(STEPS - 1):
        guesses = make_logits(step)[1].argmax(-1).unique().tolist()
        assert guesses == ([0, 1] if step == 1 else [0, 1, 2])


def test_one_process_gathers_nothing():
    x = torch.ones(2, 3)
    assert gather_rows(x) is x
