"""Files of weights are read as what they are, or refused by name."""

import _codecs
import io
import os
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch
from helpers.servers import serving
from mmengine.logging import HistoryBuffer, MessageHub
from mmengine.runner import CheckpointLoader, load_checkpoint
from safetensors.torch import save_file

from mmaction_uda import checkpoints
from mmaction_uda.checkpoints import RESUMED, load, read_notes
from mmaction_uda.faults import Faults


class Call:
    """Pickles as a call of a function."""

    def __init__(self, function, *args):
        self.function, self.args = function, args

    def __reduce__(self):
        return self.function, self.args


class Unknown:
    pass


def write(path, content) -> str:
    torch.save(content, path)
    return str(path)


def read(path):
    return CheckpointLoader.load_checkpoint(str(path), map_location='cpu')


def refused(path) -> str:
    """Why a file is."""
    with pytest.raises(Faults) as caught:
        read(path)
    text = str(caught.value)
    assert text.startswith(repr(str(path))) and 'weights_only' not in text
    return text


def epoch_file(**extra) -> dict:
    """What mmengine's runner writes at the end of an epoch."""
    hub = MessageHub('test_compat')
    for loss in (1.0, 0.5):
        hub.update_scalar('train/loss', loss)
    hub.update_info('best', np.float64(0.75))
    hub.update_info('seen', np.int64(7))
    hub.update_info('ratios', np.array([0.1, 0.2], dtype=np.float32))
    return dict(
        meta=dict(epoch=1, iter=2, seed=0, dataset_meta={}),
        state_dict=torch.nn.Linear(2, 2).state_dict(),
        message_hub=hub.state_dict(),
        **extra,
    )


def test_epoch_file_round_trip(tmp_path):
    saved = epoch_file()
    loaded = read(write(tmp_path / 'epoch_1.pth', saved))
    buffer = loaded['message_hub']['log_scalars']['train/loss']
    assert type(buffer) is HistoryBuffer
    assert buffer.statistics('mean') == 0.75
    assert buffer.statistics('min') == 0.5
    info = loaded['message_hub']['runtime_info']
    assert (info['best'], info['seen']) == (0.75, 7)
    assert info['ratios'].tolist() == np.float32([0.1, 0.2]).tolist()

    hub = MessageHub('test_compat_resumed')
    hub.load_state_dict(loaded['message_hub'])
    hub.update_scalar('train/loss', 0.0)
    assert hub.get_scalar('train/loss').mean() == 0.5


def test_saved_again_after_loading(tmp_path):
    first = read(write(tmp_path / 'a.pth', epoch_file()))
    second = read(write(tmp_path / 'b.pth', first))
    buffer = second['message_hub']['log_scalars']['train/loss']
    assert buffer.data[0].tolist() == [1.0, 0.5]


def test_load_checkpoint_into_model(tmp_path):
    saved = epoch_file()
    model = torch.nn.Linear(2, 2)
    load_checkpoint(model, write(tmp_path / 'epoch_1.pth', saved))
    assert torch.equal(model.weight, saved['state_dict']['weight'])


@pytest.mark.parametrize('core', [b'core', b'_core'])
def test_both_spellings_of_numpy(tmp_path, core):
    path = write(tmp_path / 'a.pth', dict(a=np.float64(2), b=np.arange(3)))
    for module in (b'numpy.core.multi', b'numpy._core.multi'):
        respell(path, b'c' + module, b'cnumpy.' + core + b'.multi')
    names = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    assert not names  # all of them are on the list
    loaded = load(path)
    assert loaded['a'] == 2 and loaded['b'].tolist() == [0, 1, 2]


def respell(path: str, old: bytes, new: bytes) -> None:
    """Replace bytes of the pickle inside a checkpoint."""
    pickled = torch._C.PyTorchFileReader(path).get_record('data.pkl')
    content = pickled.replace(old, new)
    with zipfile.ZipFile(path, 'w') as file:
        file.writestr('archive/data.pkl', content)
        file.writestr('archive/version', '3')


def test_getattr_on_a_module_is_refused(tmp_path):
    """``getattr(os, 'system')``, with ``os`` smuggled in as ``shutil.os``."""
    path = write(tmp_path / 'bad.pth', Call(getattr, HistoryBuffer, 'system'))
    respell(
        path,
        b'cmmengine.logging.history_buffer\nHistoryBuffer',
        b'cshutil\nos',
    )
    assert 'asks for shutil.os, which no weights need' in refused(path)


@pytest.mark.parametrize(
    'payload',
    [
        Call(getattr, HistoryBuffer, '__init__'),
        Call(getattr, HistoryBuffer, '__subclasses__'),
        Call(getattr, np.ndarray, 'tofile'),
        Call(getattr, Call(getattr, HistoryBuffer, 'mean'), '__globals__'),
        Call(os.system, 'true'),
        Call(eval, '1'),
        Unknown(),
    ],
    ids=lambda payload: type(payload).__name__,
)
def test_payload_is_refused(tmp_path, payload):
    path = write(tmp_path / 'bad.pth', epoch_file(extra=payload))
    assert 'Nothing in it was run' in refused(path)


def test_getattr_names_the_reason(tmp_path):
    path = write(tmp_path / 'bad.pth', Call(getattr, HistoryBuffer, 'update'))
    assert 'it holds getattr(' in refused(path)


def forge(path, **state) -> str:
    """Write a ``HistoryBuffer`` whose state mmengine would not write."""
    buffer = HistoryBuffer([1.0], [1])
    original = HistoryBuffer.__getstate__
    HistoryBuffer.__getstate__ = lambda self: original(self) | state
    try:
        return write(path, buffer)
    finally:
        HistoryBuffer.__getstate__ = original


@pytest.mark.parametrize(
    'state',
    [
        dict(statistics_methods=dict(mean=HistoryBuffer.max)),
        dict(statistics_methods=dict(mean=torch.device)),
        dict(statistics_methods=dict(new=HistoryBuffer.max)),
        dict(_statistics_methods=dict(mean=HistoryBuffer.max)),
        dict(mean=HistoryBuffer.max),
    ],
)
def test_forged_history_buffer_is_refused(tmp_path, state):
    methods = dict(HistoryBuffer._statistics_methods)
    path = forge(tmp_path / 'bad.pth', **state)
    assert 'HistoryBuffer' in refused(path)
    assert HistoryBuffer._statistics_methods == methods


def test_unforged_history_buffer_is_accepted(tmp_path):
    assert load(forge(tmp_path / 'good.pth')).current() == 1.0


def test_environment_cannot_switch_the_check_off(tmp_path, monkeypatch):
    monkeypatch.setenv('TORCH_FORCE_NO_WEIGHTS_ONLY_LOAD', '1')
    assert 'Unknown' in refused(write(tmp_path / 'bad.pth', Unknown()))


def test_downloads_are_kept_and_checked(tmp_path, monkeypatch):
    monkeypatch.setenv('MMACTION_UDA_CACHE', str(tmp_path / 'cache'))
    good = write(tmp_path / 'good.pth', dict(a=torch.ones(1)))
    bad = write(tmp_path / 'bad.pth', Unknown())
    with serving() as server:
        good = server.add('/good.pth', Path(good).read_bytes())
        for _ in range(2):
            assert read(good)['a'] == 1
        assert len(server.asked) == 1
        with pytest.raises(Faults, match='Unknown'):
            read(server.add('/bad.pth', Path(bad).read_bytes()))
    with pytest.raises(Faults, match='without https'):
        read('http://example.org/good.pth')


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read(tmp_path / 'none.pth')


def test_plain_torch_load_reads_an_epoch_file():
    file = io.BytesIO()
    torch.save(epoch_file(), file)
    file.seek(0)
    assert torch.load(file, weights_only=True)['meta']['epoch'] == 1


# -- what a file is -----------------------------------------------------------
GOOD = dict(state_dict=dict(w=torch.ones(100)))


@pytest.mark.parametrize(
    'content, said',
    [
        (b'', 'it is empty'),
        (b'weights', "it begins with b'weights'"),
        (b'<html>404</html>', "it begins with b'<html>404</html>'"),
        ([1, 2], 'it holds a list'),
        (dict(a=1), 'it holds no weights, but a'),
        (dict(state_dict=dict()), 'it holds no weights, but state_dict'),
        (dict(state_dict=[1]), 'it holds no weights, but state_dict'),
        (torch.ones(3), 'it holds a Tensor'),
    ],
)
def test_no_checkpoint(tmp_path, content, said):
    path = tmp_path / 'a.pth'
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        write(path, content)
    assert f'is no checkpoint: {said}' in refused(path)


@pytest.mark.parametrize(
    'content',
    [
        GOOD,
        dict(model=GOOD['state_dict']),
        {'module.w': torch.nn.Parameter(torch.ones(3, 4, 5).half())},
        dict(w=torch.ones(9, 9)[:, ::2], b=torch.empty(0, 5)),
        dict(w=torch.ones(9), mask=torch.full((4, 4), -torch.inf).triu(1)),
    ],
)
@pytest.mark.parametrize('new', [True, False])
def test_checkpoints_of_all_kinds(tmp_path, content, new):
    """Of PyTorch's format and of that before 1.6."""
    path = str(tmp_path / 'a.pth')
    torch.save(content, path, _use_new_zipfile_serialization=new)
    assert set(read(path)) == set(content)


def test_numbers_of_eight_bits(tmp_path):
    few = torch.ones(4).to(torch.float8_e4m3fn)
    assert set(read(write(tmp_path / 'a.pth', dict(w=few)))) == {'w'}


def test_sums_that_the_writer_left_out(tmp_path):
    torch.serialization.set_crc32_options(False)
    try:
        path = write(tmp_path / 'a.pth', GOOD)
    finally:
        torch.serialization.set_crc32_options(True)
    checkpoints.read(path)


@pytest.mark.parametrize(
    'content, said',
    [
        (dict(w=torch.tensor([1, torch.nan])), 'NaN in w'),
        (dict(w=torch.tensor([1, torch.inf])), 'Inf in w'),
        (dict(w=torch.tensor([1, -torch.inf])), 'Inf in w'),
        (
            dict(**GOOD, optimizer=[dict(m=torch.tensor(torch.nan))]),
            'NaN in optimizer.0.m',
        ),
        (
            {k: torch.tensor(torch.nan) for k in 'abcde'},
            'NaN in a, NaN in b, NaN in c and 2 more',
        ),
    ],
)
def test_numbers_that_are_not_finite(tmp_path, content, said):
    text = refused(write(tmp_path / 'n.pth', content))
    assert f"n.pth' holds {said}: what wrote it had diverged" in text
    path = str(tmp_path / 'n.safetensors')
    if all(isinstance(value, torch.Tensor) for value in content.values()):
        save_file(content, path)
        assert f'holds {said}' in refused(path)


def test_parts_to_go_on_from(tmp_path):
    path = write(tmp_path / 'epoch_1.pth', epoch_file())
    with pytest.raises(Faults, match='to go on from: no optimizer'):
        checkpoints.read(path, parts=RESUMED)
    path = write(tmp_path / 'epoch_1.pth', epoch_file(optimizer={}))
    assert checkpoints.read(path, parts=RESUMED)['optimizer'] == {}


@pytest.mark.parametrize('notes', [None, dict(training='{}'), dict(a='b')])
def test_weights_that_no_training_wrote(tmp_path, notes):
    path = str(tmp_path / 'weights.safetensors')
    save_file(GOOD['state_dict'], path, notes)
    with pytest.raises(Faults, match='does not say what it was trained with'):
        read_notes(path, ['settings'])


# -- damage -------------------------------------------------------------------
def test_any_flipped_bit_of_small_tensors(tmp_path):
    """Of a weight, of a pickle, and of what stands between tensors."""
    good = write(
        tmp_path / 'a.pth', {f'w{i}': torch.rand(9) for i in range(9)}
    )
    data = open(good, 'rb').read()
    directory = data.rindex(b'PK\x01\x02' + data[4:6])
    first = data.index(b'PK\x01\x02')
    assert first < directory
    for place in range(0, first, 23):
        for bit in (0, 6):
            damaged = bytearray(data)
            damaged[place] ^= 1 << bit
            (tmp_path / 'b.pth').write_bytes(damaged)
            with pytest.raises(Faults):
                checkpoints.read(str(tmp_path / 'b.pth'))


@pytest.mark.parametrize('new', [True, False])
def test_a_cut_file(tmp_path, new):
    path = tmp_path / 'a.pth'
    torch.save(GOOD, path, _use_new_zipfile_serialization=new)
    path.write_bytes(path.read_bytes()[:-100])
    assert 'a damaged one' in refused(path)


@pytest.mark.parametrize(
    'header',
    [
        b'',
        b'{"w":{"dtype":"F32","shape":[1099511627776],'
        b'"data_offsets":[0,4398046511104]}}',
    ],
)
def test_damaged_safetensors(tmp_path, header):
    path = tmp_path / 'a.safetensors'
    path.write_bytes(struct.pack('<Q', len(header)) + header + bytes(64))
    assert 'is no safetensors file' in refused(path)


# -- files that would take more memory than they have bytes -------------------
def repacked(path, change=None, packing=zipfile.ZIP_STORED, twice=False):
    """Another archive of the same parts."""
    with zipfile.ZipFile(path) as archive:
        parts = {e.filename: archive.read(e) for e in archive.infolist()}
    with zipfile.ZipFile(path, 'w', packing) as archive:
        for name, data in parts.items():
            archive.writestr(name, (change or (lambda *x: x[1]))(name, data))
            if twice and name.endswith('data.pkl'):
                archive.writestr(name.upper(), data)
    return path


def shortened(name: str, data: bytes) -> bytes:
    return data[:16] if name.endswith('/0') else data


def test_compressed(tmp_path):
    path = write(tmp_path / 'a.pth', dict(w=torch.zeros(1 << 20)))
    repacked(path, packing=zipfile.ZIP_DEFLATED)
    assert os.path.getsize(path) < 10000
    assert 'is compressed, as PyTorch writes none' in refused(path)


def test_a_tensor_of_more_than_its_part(tmp_path):
    """PyTorch would read what lies behind it in memory."""
    path = repacked(write(tmp_path / 'a.pth', GOOD), shortened)
    assert (
        'declares 400 bytes for the tensor data/0, of which it holds 16'
        in (refused(path))
    )


def test_two_parts_of_one_name(tmp_path):
    path = repacked(write(tmp_path / 'a.pth', GOOD), twice=True)
    assert 'holds data.pkl twice' in refused(path)


def test_an_old_file_that_declares_too_much(tmp_path):
    path = tmp_path / 'a.pth'
    torch.save(GOOD, path, _use_new_zipfile_serialization=False)
    data = path.read_bytes()
    count = b'K' + bytes([100])
    assert data.count(count) > 1  # of the storage, and of the shape
    path.write_bytes(
        data.replace(count, b'J' + (1 << 30).to_bytes(4, 'little'))
    )
    assert refused(path)


def doubled(times: int):
    """Text whose bytes are written as two digits each, again and again."""
    text = Call(_codecs.encode, 'text', 'latin1')
    for _ in range(times):
        text = Call(_codecs.encode, text, 'hex')
    return text


@pytest.mark.parametrize(
    'content',
    [
        dict(w=torch.ones(1).expand(1 << 40)),
        dict(**GOOD, x=Call(bytearray, 1 << 40)),
        dict(**GOOD, x=Call(torch.UntypedStorage, 1 << 36)),
        dict(**GOOD, x=Call(torch.FloatTensor, 1 << 18, 1 << 18)),
        dict(**GOOD, x=doubled(30)),
    ],
    ids=['expanded', 'bytes', 'storage', 'shape', 'digits'],
)
def test_pickles_that_ask_for_memory(tmp_path, content):
    text = refused(write(tmp_path / 'a.pth', content))
    assert 'it would make ' in text or 'it encodes bytes' in text


@pytest.mark.parametrize(
    'value',
    [
        np.array(['a']),
        np.array([{}], object),
        np.ones(2, [('a', 'f8')]),
        np.zeros(1, 'V10'),
    ],
    ids=['text', 'objects', 'records', 'bytes'],
)
def test_numpy_numbers_alone(tmp_path, value):
    path = write(tmp_path / 'a.pth', dict(**GOOD, x=value))
    assert 'it holds a NumPy dtype' in refused(path)


def test_doctored_numpy_dtype(tmp_path):
    class Doctored:
        def __reduce__(self):
            return np.dtype, ('i8', False, True), (3, '<', *BAD)

    BAD = (None, None, None, 8, 8, 63)
    path = write(tmp_path / 'a.pth', dict(**GOOD, x=Doctored()))
    assert 'it holds a NumPy dtype with the state' in refused(path)


def test_numpy_values_stay_what_they_are(tmp_path):
    """Also where what was read is written again."""
    values = dict(
        a=np.float64(2.5),
        b=np.arange(6, dtype=np.int16).reshape(2, 3),
        c=np.asfortranarray(np.ones((2, 3), np.float32)),
        d=np.array([True, False]),
    )
    found = read(write(tmp_path / 'a.pth', dict(**GOOD, **values)))
    again = read(write(tmp_path / 'b.pth', found))
    torch.load(tmp_path / 'b.pth', weights_only=True)
    for name, value in values.items():
        for x in (found[name], again[name]):
            assert x.dtype == value.dtype and x.tolist() == value.tolist()


def test_lists_within_lists(tmp_path):
    """Without end, and many times the same."""
    many = [1]
    for _ in range(60):
        many = [many, many]
    checkpoints.read(write(tmp_path / 'a.pth', dict(**GOOD, x=many)))
