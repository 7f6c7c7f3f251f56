"""Every kind of file that is read, cut at every eighth of its length."""

import shutil
from pathlib import Path

import pytest
import torch
from helpers.faults import outcome, truncations
from helpers.runs import make_runner
from mmaction.registry import MODELS

from mmaction_uda.config import load_config
from mmaction_uda.config.checking import check_settings
from mmaction_uda.datasets import RenderedBenchmark
from mmaction_uda.engine import prepare
from mmaction_uda.engine.checking import check
from mmaction_uda.evaluation import read_predictions, read_validations
from mmaction_uda.faults import Faults

LISTS = Path('data/demo/seed0_distractors0')


@pytest.fixture
def demo(make_config):
    return make_config('source_only_demo')


@pytest.fixture
def tell(record_property):
    """Cuts a file; all but some of the cuts have to be told by name."""

    def check_cuts(file: Path, work, *names: str, accepted=None) -> None:
        whole, wrong = file.read_bytes(), []
        for cut, content in truncations(whole):
            file.write_bytes(content)
            found = outcome(work, *(names or [str(file)]))
            if found == 'accepted' and accepted and accepted(content):
                found = 'told'
            if found != 'told':
                wrong.append(f'{cut}: {found[:300]}')
        file.write_bytes(whole)
        work()
        assert not wrong
        record_property('tried: files cut at every eighth', 8)

    return check_cuts


def test_config(demo, tell):
    """A cut file may be a config, too: one that says less."""
    file = Path('cut.py')
    demo.dump(file)

    def work():
        faults = check_settings(load_config(str(file)))
        if faults:
            raise Faults(f'{file}', *faults)

    tell(file, work, str(file), accepted=lambda content: True)


@pytest.mark.parametrize('name', ['source_train', 'target_train'])
def test_list(demo, tell, name):
    """What is left may be a list of fewer videos."""
    file = LISTS / f'{name}.txt'
    right = set(file.read_bytes().splitlines())

    def is_list(content: bytes) -> bool:
        lines = content.splitlines()
        if name == 'target_train':  # needs no labels
            return all(any(r.startswith(s) for r in right) for s in lines)
        return set(lines) <= right

    demo.train_dataloader.dataset.store_root = 'nowhere'
    tell(file, lambda: check([demo]), accepted=is_list)


def test_videos(demo, record_property):
    """All at once; those that are whole are not named."""
    videos = sorted((LISTS / 'source/train').glob('*.mp4'))[:9]
    for video, (_, content) in zip(
        videos, truncations(videos[0].read_bytes())
    ):
        video.write_bytes(content)
    shutil.rmtree(LISTS / 'features')
    found = outcome(lambda: prepare(demo), str(LISTS / 'source_train.txt'))
    assert found == 'told'
    with pytest.raises(ValueError) as caught:
        prepare(demo)
    for video in videos[:-1]:
        assert str(video) in str(caught.value)
    assert str(videos[-1]) not in str(caught.value)
    record_property('tried: files cut at every eighth', 8)


def test_weights_of_the_backbone(demo, tell):
    asset = demo.model.backbone.checkpoint
    file = Path('weights.safetensors')
    source = Path(__file__).parents[2] / 'mmaction_uda/assets'
    shutil.copy(source / asset.removeprefix('asset://'), file)
    backbone = dict(demo.model.backbone, cached=False, checkpoint=str(file))
    tell(file, lambda: MODELS.build(backbone))


def test_weights_in_a_pickle(demo, tell):
    net = MODELS.build(dict(demo.model.backbone, cached=False)).net
    file = Path('weights.pth')
    torch.save(dict(state_dict=net.state_dict()), file)
    backbone = dict(demo.model.backbone, cached=False, checkpoint=str(file))
    tell(file, lambda: MODELS.build(backbone))


def test_checkpoint(demo, tell):
    runner = make_runner(demo)
    runner.save_checkpoint(
        '.', 'cut.pth', save_optimizer=False, save_param_scheduler=False
    )
    tell(Path('cut.pth'), lambda: runner.load_checkpoint('cut.pth'))


def test_benchmark(demo, tell):
    task = dict(demo.prepare[0])
    task.pop('type')
    benchmark = RenderedBenchmark(**task)
    tell(LISTS / 'benchmark.json', benchmark.prepare)


@pytest.mark.parametrize(
    'name, read',
    [
        ('scalars.json', read_validations),
        ('predictions.jsonl', read_predictions),
    ],
)
def test_records_of_a_killed_training(tmp_path, name, read, record_property):
    """Half a line is left out; what is before it counts."""
    file = tmp_path / 'now/vis_data' / name
    file.parent.mkdir(parents=True)
    line = (
        '{{"acc/top1": 0.5, "acc/mean1": 0.5, "step": {0}, "epoch": {0}, '
        '"seed": 0, "predicted": [0, 1], "labels": [0, 1]}}\n'
    )
    whole = ''.join(map(line.format, range(1, 6))).encode()
    for _, content in truncations(whole):
        file.write_bytes(content)
        assert len(read(str(tmp_path))) == content.count(b'\n')
    record_property('tried: files cut at every eighth', 8)
