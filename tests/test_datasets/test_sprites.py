"""Sprites: sheets to arrays, arrays to batches, TranSVAE's networks."""

import shutil

import numpy as np
import pytest
import torch
from helpers.configs import ROOT
from helpers.data import write_sprites
from helpers.runs import run_tool, train
from mmaction.registry import DATASETS, MODELS
from PIL import Image

from mmaction_uda.config import load_config
from mmaction_uda.datasets.sprites import CLASSES
from mmaction_uda.engine import prepare
from mmaction_uda.faults import Faults

ACTIONS = 'spellcard thrust walk slash shoot'.split()
TOOL = 'data/sprites/build_arrays.py'
SHEETS = dict(  # by layer: names of domain 1 and 2, from the specification
    body=[['human'], ['alien']],
    bottom=[['white', 'golden', 'red', 'silver'], ['b1', 'b2', 'b3']],
    top=[['brown', 'blue', 'white'], ['grey', 'khaki', 'linen', 'ocre']],
    hair=[
        ['green', 'yellow', 'rose', 'red', 'wine'],
        ['violet', 'silver', 'purple', 'grey', 'golden'],
    ],
)
PLACES = dict(bottom=40, top=20, hair=0)  # a band of 10 rows in each cell
# Which cells of its 13 show an action, and those of its 8 frames.
FRAMES = dict(
    spellcard=[0, 1, 2, 3, 4, 5, 4, 6],
    thrust=[0, 1, 2, 3, 4, 5, 6, 7],
    walk=[1, 2, 3, 4, 5, 6, 7, 8],
    slash=[0, 1, 2, 3, 4, 5, 4, 0],
    shoot=[0, 1, 2, 3, 4, 5, 6, 7],
)


def draw_sheets(folder) -> None:
    """Bodies say where a cell is (red: row, green: column); the other layers
    are bands of blue that tells their name, hair half transparent."""
    for layer, names in SHEETS.items():
        (folder / layer).mkdir(parents=True)
        for number, name in enumerate(sum(names, [])):
            sheet = np.zeros((21 * 64, 13 * 64, 4), np.uint8)
            if layer == 'body':
                cells = sheet.reshape(21, 64, 13, 64, 4)
                cells[..., 0] = 10 * np.arange(21)[:, None, None, None]
                cells[..., 1] = 10 * np.arange(13)[:, None]
                cells[..., 2] = number
                cells[:, 1:, :, :, 3] = 255  # row 0 of a cell sees through
            else:
                band = sheet.reshape(21, 64, 13, 64, 4)[
                    :, PLACES[layer] : PLACES[layer] + 10
                ]
                band[..., 2] = 100 + 10 * number
                band[..., 3] = 128 if layer == 'hair' else 255
            Image.fromarray(sheet).save(folder / layer / f'{name}.png')


@pytest.fixture(scope='module')
def built(tmp_path_factory):
    """Arrays of both domains."""
    folder = tmp_path_factory.mktemp('sprites')
    draw_sheets(folder / 'sheets')
    run_tool(TOOL, folder / 'sheets', '--out', folder / 'npy', *bottoms())
    return folder


def bottoms(*names) -> list:
    return ['--alien-bottoms', *(names or ('b1', 'b2', 'b3'))]


def test_arrays_show_the_rows_and_frames_of_their_class(built):
    for number in (1, 2):
        files = list((built / f'npy/domain_{number}').iterdir())
        assert len(files) == 30
        for block, action in enumerate(ACTIONS):
            # A block is ordered back, left, front, right.
            for view, row in (('front', 2), ('left', 1), ('right', 3)):
                frames = np.load(
                    built
                    / f'npy/domain_{number}/{action}_{view}_frames_data.npy'
                )
                assert frames.shape == (60, 8, 64, 64, 3)
                assert frames.dtype == np.uint8
                body = frames[:, :, 60, 30]  # below all bands
                assert (body[..., 0] == 10 * (4 * block + row)).all()
                assert (body[..., 1] == 10 * np.array(FRAMES[action])).all()
                assert (body[..., 2] == number - 1).all()


def test_layers_lie_over_each_other_and_over_black(built):
    for number, low, sizes in (
        (1, (0, 0, 0), (4, 3, 5)),
        (2, (4, 3, 5), (3, 4, 5)),
    ):
        root = built / f'npy/domain_{number}'
        frames = np.load(root / 'walk_left_frames_data.npy')[:, 0]
        rows = np.load(root / 'walk_left_attributes_data.npy')
        assert len({tuple(r) for r in rows}) == 60
        assert (rows[:, 0] == number - 1).all()
        for column, (start, size) in enumerate(zip(low, sizes), 1):
            assert set(rows[:, column]) == set(range(start, start + size))
        assert (frames[:, 45, 30, 2] == 100 + 10 * rows[:, 1]).all()
        assert (frames[:, 25, 30, 2] == 100 + 10 * rows[:, 2]).all()
        assert not frames[:, 25, 30, :2].any()  # nothing shines through
        hair = (100 + 10 * rows[:, 3]) * 128 / 255  # its alpha
        below = (number - 1) * 127 / 255
        assert abs(frames[:, 5, 30, 2] - hair - below).max() <= 1
        assert abs(frames[:, 5, 30, 0].astype(int) - 90 * 127 / 255).max() <= 1
        assert abs(frames[:, 0, 30, 2] - hair).max() <= 1  # over black
        assert not frames[:, 0, 30, :2].any()


@pytest.mark.parametrize(
    'names, said',
    [
        (('b1', 'b2', 'white'), "bottom ['white'] is in both domains"),
        (('b1', 'b1', 'b2'), 'one comes twice'),
        (('b1', 'b2', 'none'), 'none.png'),
    ],
)
def test_wrong_bottoms_are_refused(built, tmp_path, names, said):
    out = ['--out', tmp_path]
    args = (TOOL, built / 'sheets', *out, *bottoms(*names))
    assert said in run_tool(*args, fails=True)


def test_a_sheet_of_another_size_is_refused(built, tmp_path):
    shutil.copytree(built / 'sheets', tmp_path / 'sheets')
    Image.new('RGBA', (576, 256)).save(tmp_path / 'sheets/hair/rose.png')
    said = run_tool(TOOL, tmp_path / 'sheets', *bottoms(), fails=True)
    assert 'rose.png' in said and '576x256' in said and '832' in said


# -- data set ---------------------------------------------------------------
def build(root, pipeline=None):
    if pipeline is None:
        pair = load_config('transvae_sprites').train_dataloader.dataset
        pipeline = pair.pipeline
    return DATASETS.build(
        dict(type='SpritesDataset', root=str(root), pipeline=pipeline)
    )


def test_items_are_clips_in_unit_range_with_label_and_attributes(built):
    dataset = build(built / 'npy/domain_2')
    assert len(dataset) == 900
    assert list(dataset.metainfo['classes']) == list(CLASSES)
    for index in (0, 65, 899):
        item = dataset[index]
        sample, label = item['data_samples'], index // 60
        action, view = ACTIONS[label // 3], ('front', 'left', 'right')
        name = f'npy/domain_2/{action}_{view[label % 3]}'
        frames = np.load(built / f'{name}_frames_data.npy')[index % 60]
        rows = np.load(built / f'{name}_attributes_data.npy')
        assert sample.gt_label.item() == label
        assert sample.attributes == tuple(rows[index % 60])
        assert item['inputs'].shape == (1, 3, 8, 64, 64)
        expected = frames.transpose(3, 0, 1, 2)[None].astype(np.float32) / 255
        assert np.array_equal(item['inputs'], expected)


def test_floats_are_taken_as_they_are(tmp_path):
    write_sprites(tmp_path, 2)
    plain = build(tmp_path)[1]['inputs']
    file = tmp_path / 'spellcard_front_frames_data.npy'
    np.save(file, np.load(file) / 255)
    assert torch.equal(build(tmp_path)[1]['inputs'], plain)
    assert plain.max() == 1 and plain.min() == 0


FAULTS = dict(
    shape=('frames', np.zeros((2, 8, 32, 32, 3), np.uint8), '32, 32'),
    none=('frames', np.zeros((0, 8, 64, 64, 3), np.uint8), '[0, 8'),
    dtype=('frames', np.zeros((2, 8, 64, 64, 3), np.int32), 'int32'),
    range=('frames', np.full((2, 8, 64, 64, 3), 255.0), '255.0'),
    low=('frames', np.full((2, 8, 64, 64, 3), -0.5), '-0.5'),
    nan=('frames', np.full((2, 8, 64, 64, 3), np.nan), 'nan'),
    rows=('attributes', np.zeros((3, 4), int), '[3, 4]'),
    flat=('attributes', np.zeros(2, int), '[2]'),
    text=('attributes', np.array([['a'], ['b']]), '<U1'),
    objects=('attributes', np.array([[None], [1]]), 'no array of numbers'),
)


@pytest.mark.parametrize('fault', FAULTS)
def test_wrong_files_are_refused_by_name(tmp_path, fault):
    write_sprites(tmp_path, 2)
    build(tmp_path)
    part, array, said = FAULTS[fault]
    name = f'slash_left_{part}_data.npy'
    np.save(tmp_path / name, array)
    with pytest.raises(ValueError) as error:
        build(tmp_path)
    assert name in str(error.value) and said in str(error.value)


def test_files_and_classes_are_checked_before_training(make_config):
    cfg = make_config('transvae_sprites')
    cfg.model.cls_head.num_classes = 14
    with pytest.raises(ValueError, match='14 of .*shoot_right'):
        prepare(cfg)
    cfg.model.cls_head.num_classes = 15
    cfg.train_dataloader.batch_size = 16
    with pytest.raises(ValueError, match='has 15 videos'):
        prepare(cfg)
    cfg.train_dataloader.batch_size = 2
    root = cfg.train_dataloader.dataset.target.root
    shutil.move(f'{root}/walk_left_frames_data.npy', 'elsewhere.npy')
    with pytest.raises(Faults, match='walk_left_frames_data.npy'):
        prepare(cfg)


# -- networks ---------------------------------------------------------------
def test_networks_have_the_layers_of_the_specification():
    encoder = MODELS.build(dict(type='SpriteEncoder'))
    decoder = MODELS.build(dict(type='SpriteDecoder'))
    widths = [64, 128, 256, 512, 1024]
    convolutions = 16 * (
        3 * 64 + 64 * 128 + 128 * 256 + 256 * 512 + 512 * 1024
    )

    def count(net):
        return sum(p.numel() for p in net.parameters())

    assert count(encoder) == convolutions + 2 * sum(widths)
    assert count(decoder) == convolutions + 2 * sum(widths[:-1]) + 3
    x = torch.rand(2, 3, 64, 64)
    sizes = []
    for layer in encoder:
        x = layer(x)
        if isinstance(layer, torch.nn.Conv2d):
            sizes.append(tuple(x.shape[1:]))
    places = [32, 16, 8, 4, 1]
    assert sizes == [(w, p, p) for w, p in zip(widths, places)]
    assert x.shape == (2, 1024) and x.abs().max() <= 1 and x.min() < 0
    y = decoder(x)
    assert y.shape == (2, 3, 64, 64) and 0 <= y.min() and y.max() <= 1
    slopes = {
        m.negative_slope for m in encoder if hasattr(m, 'negative_slope')
    }
    assert slopes == {0.2}


def test_wrong_frames_and_widths_are_refused():
    encoder = MODELS.build(dict(type='SpriteEncoder'))
    with pytest.raises(ValueError, match='32, 32'):
        encoder(torch.rand(2, 3, 32, 32))
    with pytest.raises(ValueError, match='4 widths'):
        MODELS.build(dict(type='SpriteDecoder', channels=(8, 8)))


def test_published_settings():
    cfg = load_config('transvae_sprites')
    loader, neck = cfg.train_dataloader, cfg.model.neck
    assert loader.batch_size == 30 and loader.drop_last
    assert cfg.val_dataloader.dataset.root == loader.dataset.target.root
    assert neck.num_frames == 8 and neck.num_videos == 1800
    assert neck.encoder.out_channels == neck.embed_dims == 1024
    assert neck.decoder.in_channels == 2 * neck.latent_channels
    assert {neck.get(f'{k}_weight', 1) for k in ('mi', 'triplet')} == {1}
    assert cfg.model.loss_pseudo.threshold == 0.99
    assert cfg.optim_wrapper.optimizer.lr == 1e-3
    assert cfg.optim_wrapper.optimizer.type == 'Adam'
    assert cfg.randomness.seed == 1


def test_training_on_built_arrays(built, make_config):
    """The autoencoder of a reduced config learns the drawn sprites."""
    cfg = make_config('transvae_sprites')
    for dataset, number in (
        (cfg.train_dataloader.dataset.source, 1),
        (cfg.train_dataloader.dataset.target, 2),
        (cfg.val_dataloader.dataset, 2),
        (cfg.test_dataloader.dataset, 2),
    ):
        dataset.root = str(built / f'npy/domain_{number}')
    cfg.train_dataloader.batch_size = 30
    cfg.train_dataloader.sampler.epoch_length = 10 * 30
    cfg.val_dataloader.batch_size = 100
    runner = train(cfg)
    assert len(runner.train_dataloader) == 10
    logged = runner.message_hub.get_scalar('train/loss_recon').data[0]
    assert logged[-1] < logged[0]
    seen = runner.message_hub.get_scalar('val/acc/top1').current()
    assert 0 <= seen <= 1


def test_training_tool_takes_the_data_set(built, tmp_path):
    """The whole command, networks made small."""
    data = dict.fromkeys(('train', 'val', 'test'))
    path = built / 'npy/domain_'
    options = [
        f'train_dataloader.dataset.source.root={path}1',
        f'train_dataloader.dataset.target.root={path}2',
        *(f'{k}_dataloader.dataset.root={path}2' for k in ('val', 'test')),
        *(f'{k}_dataloader.num_workers=0' for k in data),
        *(f'{k}_dataloader.persistent_workers=False' for k in data),
        'train_dataloader.sampler.epoch_length=60',
        'model.neck.encoder.channels=4,4,4,4',
        'model.neck.decoder.channels=4,4,4,4',
        'train_cfg.max_epochs=1',
        'train_cfg.val_interval=1',
    ]
    config = ROOT / 'configs/transvae_sprites.py'
    output = run_tool(
        'train.py', config, '--work-dir', tmp_path, '--cfg-options', *options
    )
    assert 'Epoch(val) [1]' in output and 'acc/top1' in output
