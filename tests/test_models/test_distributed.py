"""Two real processes give what one gives on the whole batch."""

import time

import pytest
import torch
import torch.distributed as dist
import torch.multiprocessing as mp
from mmaction.registry import MODELS
from mmaction.structures import ActionDataSample
from mmengine.registry import init_default_scope
from torch.nn.parallel import DistributedDataParallel

from mmaction_uda.models.heads import InformationBottleneckHead
from mmaction_uda.models.losses import CORALLoss, EntropyLoss, JANLoss, MMDLoss
from mmaction_uda.models.utils import Outputs, gather_rows

WORLD, LIMIT = 2, 240  # processes, seconds
BATCH, VIEWS, WIDTH, CLASSES, STEPS = 3, 2, 5, 3, 4  # BATCH of a process
UNSEEN = CLASSES  # a class that no source row has
QUEUE = 10  # a view writes 6 rows: it wraps round in the second view
NORMS = ('LN', 'BN')  # of the projector
IB = dict(loss_weight=1.0, queue_size=QUEUE)
COUPLED = (MMDLoss(), JANLoss(), CORALLoss(), EntropyLoss(diversity_weight=1))


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
        value = loss(Outputs(feats[..., :CLASSES], feats), samples)
        value.backward()
        # Means over rows are means over the processes' means.
        value = value.detach().clone()
        if world > 1:
            dist.all_reduce(value)
        gradients = [p.grad for p in encoder.parameters()]
        results[type(loss).__name__] = [value / world, *gradients]
    return results


def make_udavt() -> torch.nn.Module:
    """UDAVT + TAM without dropout: all that couples rows, and what not."""
    still = dict(dropout=0.0, proj_dropout=0.0, disc_dropout=0.0)
    tam = dict(
        type='TransferabilityAdaptionAttention',
        class_token=True,
        grl=dict(amplitude=0.5, ramp=None),
        **still,
    )
    torch.manual_seed(0)
    return MODELS.build(
        dict(
            type='UDARecognizer',
            data_preprocessor=dict(type='UDADataPreprocessor'),
            backbone=dict(type='FrozenBackbone', features='any', cached=True),
            neck=dict(
                type='ClassTokenNeck',
                in_channels=WIDTH,
                num_frames=2,
                depth=2,
                num_heads=1,
                hidden_channels=7,
                dropout=0.0,
                attention=dict(type='MultiheadSelfAttention', dropout=0.0),
                last_attention=tam,
            ),
            cls_head=dict(
                type='MLPClsHead', num_classes=CLASSES, frozen=False
            ),
            feature_scale=None,
            ib_head=dict(
                type='InformationBottleneckHead',
                projector=dict(channels=(4, 4), norm='BN'),
                ib_placement='pooled',
                ib_normalize='standardize',
                **IB,
            ),
        )
    ).double()


def udavt_steps(rank: int, world: int) -> list:
    """Gradients of all parameters, then the buffers, after each step."""
    model, records = make_udavt(), []
    forward = model
    if world > 1:  # as the runner does
        forward = DistributedDataParallel(model, broadcast_buffers=False)
    trained = [p for p in model.parameters() if p.requires_grad]
    mine = slice(rank, None, world)
    for step in range(3):
        x = randn(2, BATCH * WORLD, VIEWS, 2, WIDTH, seed=60 + step)[:, mine]
        labels = [(i + step) % CLASSES for i in range(BATCH * WORLD)][mine]
        losses = forward(x.flatten(0, 1), make_samples(labels), mode='loss')
        assert {'loss_cls', 'loss_ib', 'loss_tam'} < set(losses)
        model.zero_grad()
        sum(v for k, v in losses.items() if 'loss' in k).backward()
        grads = [p.grad.clone() for p in trained]
        records.append(grads + [b.clone() for b in model.buffers()])
        with torch.no_grad():
            for parameter in trained:
                parameter -= 0.1 * parameter.grad
    return records


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
        steps={norm: bottleneck_steps(rank, WORLD, norm) for norm in NORMS},
        coupled=coupled(rank, WORLD),
        udavt=udavt_steps(rank, WORLD),
    )
    torch.save(result, f'{folder}/{rank}.pt')
    dist.destroy_process_group()


@pytest.fixture(scope='module')
def results(tmp_path_factory):
    """What two processes computed; they are killed if they hang."""
    folder = str(tmp_path_factory.mktemp('processes'))
    context = mp.spawn(work, (folder,), nprocs=WORLD, join=False)
    deadline = time.time() + LIMIT
    try:
        while not context.join(timeout=1):
            assert time.time() < deadline, f'no result after {LIMIT} s'
    finally:
        for process in context.processes:
            process.kill()
    return [torch.load(f'{folder}/{rank}.pt') for rank in range(WORLD)]


def test_gathered_rows_are_in_global_item_order(results):
    items = torch.arange(6.0, dtype=torch.float64)
    for result in results:
        rows = torch.stack((items, -items), 1)
        assert torch.equal(result['gather']['rows'], rows)
        assert result['gather']['labels'].tolist() == list(range(6))


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


def test_every_gradient_of_udavt(results):
    """... through the whole model, and the queue."""
    for step, alone in enumerate(udavt_steps(0, world=1)):
        for result in results:
            for found, expected in zip(result['udavt'][step], alone):
                assert torch.allclose(found, expected, rtol=1e-9, atol=1e-9)
        assert all(tensor.any() for tensor in alone)


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
