"""What determines the numbers of a training, and whose a directory is."""

import copy
import shutil
from pathlib import Path

import pytest
import torch
from helpers.runs import differing, name_experiment
from safetensors.torch import load_file

from mmaction_uda import engine
from mmaction_uda.checkpoints import read_notes
from mmaction_uda.engine import Wish, is_finished
from mmaction_uda.engine.identity import Identity
from mmaction_uda.engine.work_dir import Checkpoint, WorkDir
from mmaction_uda.evaluation import read_history, read_record
from mmaction_uda.faults import Faults


def train(cfg, *args, **kwargs):
    """In a logger of its own."""
    name_experiment(cfg)
    return engine.train(cfg, *args, **kwargs)


LR = 'optim_wrapper.optimizer.lr'
LISTS = 'train_dataloader.dataset.{}.ann_file'
VIDEOS = 'train_dataloader.dataset.{}.videos'
WEIGHTS = 'mmaction_uda/assets/shift_net.safetensors'


@pytest.fixture
def cfg(make_config):
    cfg = make_config('baseline_demo')
    cfg.launcher = 'none'
    return cfg


def root_of(cfg) -> Path:
    return Path(cfg.prepare[0].root)


# -- settings -----------------------------------------------------------------
NO_NUMBER = [
    {'train_dataloader.num_workers': 2},
    {'train_dataloader.persistent_workers': True},
    {'train_dataloader.pin_memory': True},
    {'train_dataloader.prefetch_factor': 4},
    {'train_dataloader.dataset.in_memory': 'cpu'},
    {'val_dataloader.batch_size': 1},
    {'prepare.0.num_processes': 7},
    {'work_dir': 'elsewhere'},
    {'train_cfg.val_interval': 9},
    {'default_hooks.logger.interval': 9},
    {'default_hooks.checkpoint.interval': 9},
    {'default_hooks.checkpoint.save_best': 'acc/top1'},
    {'log_level': 'ERROR'},
    {'auto_scale_lr.base_batch_size': 99},
    {'val_dataloader': None, 'val_cfg': None, 'val_evaluator': None},
    {'randomness.seed': None},  # any will do
]
A_NUMBER = {
    LR: 0.5,
    'randomness.seed': 9,
    'train_dataloader.batch_size': 4,
    'train_cfg.max_epochs': 9,
    'model.loss_entropy.loss_weight': 0.25,
    'train_dataloader.dataset.pipeline.0.num_frames': 3,
    'default_hooks.sync_buffers.type': 'EMAHook',
    'prepare.0.seed': 5,
    'val_evaluator.type': 'ConfusionMatrix',
}


def changed(cfg, change: dict) -> Identity:
    cfg = copy.deepcopy(cfg)
    cfg.merge_from_dict(change)
    return Identity.of(cfg)


def test_settings(cfg):
    there = Identity.of(cfg)
    for change in NO_NUMBER:
        assert changed(cfg, change).differences(there) == {}, change
    for key, value in A_NUMBER.items():
        here = changed(cfg, {key: value})
        (found,) = here.differences(there).items()
        assert found[0] == key
        assert found[1].endswith(f' there, {value!r} here')
        read = Identity.parse(str(here))
        assert read == here and not here.differences(read)
        weights = read.of_weights.differences(there.of_weights)
        assert [*weights] == ([] if key.startswith('val_') else [key])


def test_pairs_of_a_step_on_any_number_of_processes(cfg, monkeypatch):
    cfg.train_dataloader.batch_size = 4
    one = Identity.of(cfg)
    name = 'mmaction_uda.engine.identity.get_world_size'
    monkeypatch.setattr(name, lambda: 2)
    assert list(Identity.of(cfg).differences(one)) == ['processes']
    cfg.train_dataloader.batch_size = 2
    assert not Identity.of(cfg).differences(one)


# -- contents -----------------------------------------------------------------
def test_moved_and_copied_is_the_same(cfg):
    """Data under another root, weights and a checkpoint in another place."""
    shutil.copy(Path(__file__).parents[2] / WEIGHTS, 'one.safetensors')
    cfg.load_from = cfg.model.backbone.checkpoint = 'one.safetensors'
    there = Identity.of(cfg)
    shutil.move('data', 'moved')
    Path('far').mkdir()
    shutil.move('one.safetensors', 'far/two.safetensors')
    text = cfg.pretty_text.replace("'data/", "'moved/")
    text = text.replace('one.safe', 'far/two.safe')
    moved = cfg.fromstring(text, '.py')
    assert {'load_from', 'model.backbone.checkpoint'} < {*there.contents}
    assert Identity.of(moved) == there
    with open('far/two.safetensors', 'ab') as file:
        file.write(b'more')
    assert Identity.of(moved).differences(there) == {
        'load_from': 'other content there',
        'model.backbone.checkpoint': 'other content there',
    }


def test_lists_by_names_and_labels_that_are_read(cfg):
    there, root = Identity.of(cfg), root_of(cfg)
    for domain in ('source', 'target'):
        file = root / f'{domain}_train.txt'
        first, *rest = file.read_text().splitlines(keepends=True)
        name, label = first.split()
        file.write_text(f'{name} {(int(label) + 1) % 8}\n{"".join(rest)}')
        # No training reads a label of the target.
        known = {LISTS.format('source'): 'other content there'}
        assert Identity.of(cfg).differences(there) == known
    file.write_text(''.join(rest))
    keys = {LISTS.format('source'), LISTS.format('target')}
    keys.add(VIDEOS.format('target'))
    assert Identity.of(cfg).differences(there).keys() == keys


def test_videos_by_their_sizes_while_they_are_there(cfg):
    there = Identity.of(cfg)
    video = next(root_of(cfg).glob('target/train/*.mp4'))
    with open(video, 'ab') as file:
        file.write(b'\0')
    key = VIDEOS.format('target')
    assert [*Identity.of(cfg).differences(there)] == [key]
    video.unlink()
    assert not Identity.of(cfg).differences(there)


# -- directories --------------------------------------------------------------
def files_of(folder: str) -> dict:
    """Time of every file of a training, but for the logger's own."""
    found = (f for f in Path(folder).rglob('*') if f.is_file())
    found = (f for f in found if not f.name.endswith(('.lock', '.log')))
    return {f: f.stat().st_mtime_ns for f in found}


def test_a_directory_has_one_training(cfg):
    """Finished, other settings, more epochs, overwritten."""
    first = copy.deepcopy(cfg)
    assert train(copy.deepcopy(cfg), {}) is not None
    before = files_of('work')
    assert train(copy.deepcopy(cfg), {}) is None
    assert files_of('work') == before
    (log,) = read_record('work')['logs']

    cfg.optim_wrapper.optimizer.lr = 0.5
    cfg.train_dataloader.batch_size = 4
    for wish in (Wish(), Wish(resume=True)):
        with pytest.raises(Faults) as error:
            train(copy.deepcopy(cfg), {}, wish=wish)
        (fault,) = error.value.faults
        for part in (f'{LR}: ', '0.5 here', 'batch_size: 2 there, 4 here'):
            assert part in fault
        assert '--work-dir' in fault and '--overwrite' in fault
    assert files_of('work') == before

    more = copy.deepcopy(first)
    more.train_cfg.max_epochs = 2
    with pytest.raises(Faults, match='max_epochs: 1 there, 2 here.*--resume'):
        train(copy.deepcopy(more), {})
    train(copy.deepcopy(more), {}, wish=Wish(resume=True))
    assert read_record('work')['logs'][0] == log
    assert list(read_history('work').validations) == [1, 2]
    with pytest.raises(Faults, match='max_epochs: 2 there, 1 here'):
        train(first, {}, wish=Wish(resume=True))

    Path('work/notes.txt').write_text('mine')
    Path('work/phase1').mkdir()
    cfg.train_dataloader.batch_size = 2
    cfg.work_dir = 'work'
    train(copy.deepcopy(cfg), {}, wish=Wish(overwrite=True))
    assert Path('work/notes.txt').read_text() == 'mine'
    assert Path('work/phase1').is_dir() and not Path('work', log).exists()
    assert [Path(p).name for p in WorkDir(cfg).checkpoints()] == [
        'epoch_1.pth'
    ]
    assert list(read_history('work').validations) == [1]
    assert is_finished(cfg)


def test_results_are_of_one_training(cfg):
    """An earlier one that learnt nothing has left its log."""
    train(copy.deepcopy(cfg), {})
    (log,) = read_record('work')['logs']
    for name in ('epoch_1.pth', 'weights.safetensors'):
        Path('work', name).unlink()
    shutil.move(f'work/{log}', 'work/20000101_000000')
    WorkDir(cfg).write(Identity.of(cfg), ['20000101_000000'])
    steps = len(read_history('work').steps)
    cfg.optim_wrapper.optimizer.lr = 0.5
    train(cfg, {})
    assert '20000101_000000' not in read_record('work')['logs']
    assert len(read_history('work').steps) == steps
    assert all(s['lr'] == 0.5 for s in read_history('work').steps)
    # The last bits of numbers depend on it.
    notes = read_notes('work/weights.safetensors', ['threads'])
    assert notes == dict(threads=torch.get_num_threads())


# -- resumes ------------------------------------------------------------------
@pytest.fixture(scope='module')
def kept(tmp_path_factory) -> Path:
    """Where the first of these tests puts what all begin with."""
    return tmp_path_factory.mktemp('kept') / 'work'


@pytest.fixture
def stopped(cfg, kept):
    """A training of three epochs whose weights are not written."""
    cfg.train_cfg.max_epochs = 3
    if not kept.exists():
        train(copy.deepcopy(cfg), {})
        shutil.copytree('work', kept)
    shutil.copytree(kept, 'work', dirs_exist_ok=True)
    shutil.move('work/weights.safetensors', 'whole.safetensors')
    return cfg


@pytest.mark.parametrize(
    'damage, pointer',
    [
        ('half', '/gone/epoch_3.pth'),
        ('bit', ''),
        ('text', 'http://localhost:9/epoch_3.pth'),
        ('gone', 'work/epoch_3.pth'),
    ],
)
def test_the_last_whole_checkpoint(stopped, damage, pointer):
    """Whatever a pointer says, in a directory that was moved."""
    Path('work/last_checkpoint').write_text(pointer)
    last = Path('work/epoch_3.pth')
    content = last.read_bytes()
    middle = len(content) // 2
    flipped = bytes([content[middle] ^ 1])
    content = dict(
        half=content[:middle],
        bit=content[:middle] + flipped + content[middle + 1 :],
        text=b'text',
    ).get(damage)
    last.write_bytes(content) if content else last.unlink()
    shutil.move('work', 'moved')
    stopped.work_dir = 'moved'
    runner = train(stopped, {}, wish=Wish(resume=True))
    log = Path(runner.logger.log_file).read_text()
    assert 'resumed epoch: 2' in log and 'moved/epoch_2.pth' in log
    named = "'moved/epoch_3.pth' is " in log
    assert named == (damage != 'gone')
    found = load_file('moved/weights.safetensors')
    assert not differing(found, load_file('whole.safetensors'))
    assert len(read_history('moved').validations) == 3


def test_a_checkpoint_elsewhere_says_what_it_is_of(stopped):
    shutil.copy('work/epoch_2.pth', 'copied.pth')
    there = Checkpoint.read('copied.pth')
    assert there.epoch == 2
    assert there.identity.differences(Identity.of(stopped)) == {}
    stopped.work_dir = 'other'
    other = copy.deepcopy(stopped)
    other.optim_wrapper.optimizer.lr = 0.5
    with pytest.raises(Faults, match=f"'copied.pth' cannot .*{LR}"):
        train(other, {}, wish=Wish('copied.pth'))
    with pytest.raises(Faults, match='--resume no.pth: there is no such'):
        train(other, {}, wish=Wish('no.pth'))
    train(stopped, {}, wish=Wish('copied.pth'))
    found = load_file('other/weights.safetensors')
    assert not differing(found, load_file('whole.safetensors'))


def test_no_checkpoint_is_whole(stopped):
    for file in Path('work').glob('epoch_*'):
        file.write_bytes(b'')
    runner = train(stopped, {}, wish=Wish(resume=True))
    log = Path(runner.logger.log_file).read_text()
    assert log.count('the training begins anew') == 2
    found = load_file('work/weights.safetensors')
    assert not differing(found, load_file('whole.safetensors'))


def test_not_finished(stopped):
    with pytest.raises(Faults, match='not finished. Go on with --resume'):
        train(stopped, {})


def test_a_checkpoint_of_other_tools(stopped):
    """It goes on, and says that nothing is compared."""
    for name in ('training.json', 'epoch_2.pth'):
        Path('work', name).unlink()
    content = torch.load('work/epoch_3.pth', weights_only=True)
    del content['meta']['identity']
    torch.save(content, 'work/epoch_3.pth')
    with pytest.raises(Faults, match='of other tools.*--resume'):
        train(copy.deepcopy(stopped), {})
    runner = train(stopped, {}, wish=Wish(resume=True))
    assert 'does not say what' in Path(runner.logger.log_file).read_text()
    assert is_finished(stopped)
