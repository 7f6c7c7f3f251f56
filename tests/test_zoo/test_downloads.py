"""Weights by addresses, from a real server on this machine."""

import errno
import hashlib
import multiprocessing
import os
import stat
from collections import namedtuple
from pathlib import Path

import pytest
from helpers.servers import serving

from mmaction_uda.faults import Faults
from mmaction_uda.zoo import Address, downloads

CONTENT = os.urandom(3_000_000)
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def folder(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv('MMACTION_UDA_CACHE', str(tmp_path / 'cache'))
    return tmp_path / 'cache'


@pytest.fixture
def server(folder):
    with serving() as server:
        server.add('/net.pth', CONTENT)
        yield server


def fetch(text: str) -> Path:
    return Path(Address.parse(text).fetch())


def fault(text: str) -> str:
    with pytest.raises(Faults) as caught:
        fetch(text)
    return str(caught.value)


def kept(folder: Path) -> list:
    return sorted(p.name for p in folder.rglob('*') if p.is_file())


# -- what works -------------------------------------------------------------
def test_a_file_comes_once(server, folder, capsys):
    address = f'{server.root}/net.pth'
    path = fetch(address)
    assert path.read_bytes() == CONTENT and path.is_relative_to(folder)
    assert 'net.pth: 3/3 MB' in capsys.readouterr().out
    assert fetch(address) == fetch(f'{address}#sha256={SUM}') == path
    assert Address.parse(address).place == str(path)
    assert server.asked == [('/net.pth', None)]
    assert kept(folder) == ['net.pth', 'net.pth.json']


@pytest.mark.parametrize('sum', ['', f'#sha256={SUM[:8]}'])
def test_what_breaks_off_goes_on(server, sum):
    server.cuts = [1_000_000, 500_000]
    assert fetch(f'{server.root}/net.pth{sum}').read_bytes() == CONTENT
    assert [start for _, start in server.asked] == [
        None,
        'bytes=1000000-',
        'bytes=1500000-',
    ]


def test_the_next_process_goes_on(server, folder):
    server.cuts = [1_000_000, 0]
    said = fault(f'{server.root}/net.pth')
    assert 'the connection failed' in said and '1000000 of 3000000' in said
    assert (
        'what has come is kept), or put the file in this place' in said
        and str(folder) in said
    )
    assert kept(folder) == ['net.pth.json', 'net.pth.part']
    assert fetch(f'{server.root}/net.pth').read_bytes() == CONTENT
    assert server.asked[-1] == ('/net.pth', 'bytes=1000000-')


def test_a_file_that_changed_meanwhile_comes_anew(server):
    server.cuts = [1_000_000, 0]
    fault(f'{server.root}/net.pth')
    server.add('/net.pth', CONTENT[::-1])
    assert fetch(f'{server.root}/net.pth').read_bytes() == CONTENT[::-1]
    server.add('/other.pth', CONTENT[:10])
    place = Path(Address.parse(f'{server.root}/other.pth').place)
    place.parent.mkdir()
    place.with_name('other.pth.part').write_bytes(b'x' * 20)
    address = f'{server.root}/other.pth#sha256='
    sum = hashlib.sha256(CONTENT[:10]).hexdigest()
    assert fetch(address + sum).read_bytes() == CONTENT[:10]


def test_processes_wait_for_the_one_that_downloads(server):
    address = f'{server.root}/net.pth'
    with multiprocessing.get_context('fork').Pool(3) as pool:
        paths = set(pool.map(fetch, 3 * [address], chunksize=1))
    assert paths == {fetch(address)}
    assert len(server.asked) == 1


def test_redirects_are_followed(server):
    server.redirects['/latest.pth'] = '/net.pth'
    assert fetch(f'{server.root}/latest.pth').name == 'latest.pth'


def test_a_file_put_there_by_hand_is_taken(folder):
    address = 'https://nowhere.invalid/a/net.pth'
    place = Path(Address.parse(address).place)
    place.parent.mkdir(parents=True)
    place.write_bytes(CONTENT)
    assert fetch(f'{address}#sha256={SUM}') == place
    place.write_bytes(b'other')
    said = fault(address)
    assert str(place) in said and SUM in said and 'Delete it' in said


# -- what fails -------------------------------------------------------------
def test_faults_name_address_reason_and_place(server, folder, monkeypatch):
    root = server.root
    assert '404 Not Found' in fault(f'{root}/none.pth?key=secret')
    assert 'secret' not in fault(f'{root}/none.pth?key=secret')
    said = fault(f'{root}/net.pth#sha256={"0" * 64}')
    assert SUM in said and '0' * 64 in said and 'changed' in said
    server.redirects['/a.pth'] = '/b.pth'
    server.redirects['/b.pth'] = '/a.pth'
    assert 'infinite loop' in fault(f'{root}/a.pth')
    server.redirects['/c.pth'] = 'http://example.invalid/c.pth'
    assert 'without https' in fault(f'{root}/c.pth')
    server.add('/d.pth', b'\n<!DOCTYPE html><title>Sign in</title>')
    assert 'a web page' in fault(f'{root}/d.pth')
    server.headers['Content-Type'] = 'text/html; charset=utf-8'
    assert 'a web page' in fault(f'{root}/net.pth')
    server.headers.clear()
    monkeypatch.setattr(downloads, 'LIMIT', 1000)
    assert 'more than 1000 bytes' in fault(f'{root}/net.pth')
    server.server_close()
    server.shutdown()
    assert 'the connection failed' in fault(f'{root}/e.pth')
    assert not [name for name in kept(folder) if name.endswith('.pth')]


def test_disks_that_are_full(server, folder, monkeypatch):
    usage = namedtuple('usage', 'free')(1000)
    with monkeypatch.context() as patch:
        patch.setattr(downloads.shutil, 'disk_usage', lambda path: usage)
        said = fault(f'{server.root}/net.pth')
    assert '3000000 bytes, but there is room for 1000' in said
    assert 'MMACTION_UDA_CACHE' in said

    def full(fd):
        raise OSError(errno.ENOSPC, 'No space left on device')

    with monkeypatch.context() as patch:
        patch.setattr(downloads.os, 'fsync', full)
        said = fault(f'{server.root}/net.pth')
    assert 'No space left' in said and 'Free some space' in said
    assert fetch(f'{server.root}/net.pth').exists()


@pytest.mark.skipif(os.getuid() == 0, reason='root may write anywhere')
def test_folders_that_are_closed(server, folder):
    folder.mkdir()
    folder.chmod(stat.S_IRUSR)
    assert 'cannot be kept' in fault(f'{server.root}/net.pth')


def test_a_file_in_place_of_the_cache(server, folder):
    folder.write_text('')
    said = fault(f'{server.root}/net.pth')
    assert 'cannot be kept' in said and 'MMACTION_UDA_CACHE' in said


@pytest.mark.parametrize(
    'text, said',
    [
        ('https://me:secret@host/a.pth', 'a password would be told'),
        ('ftp://me:secret@host/a.pth', 'not read from ftp'),
        ('http://host/a.pth', 'Take an https:// address'),
        ('https://host/', 'names no file'),
        ('https://host:x/a.pth', 'is no address'),
        ('https://host/a.pth#sha256=12', '8 to 64 hex digits'),
        ('hf://repo', 'must be hf://ORG/REPO'),
        ('pip://no_such_package/a.pth', 'pip install no_such_package'),
        ('pip://rich/a.pth', "holds no 'a.pth'"),
    ],
)
def test_addresses_that_are_none(text, said):
    with pytest.raises(Faults, match=said) as caught:
        Address.parse(text).fetch()
    assert 'secret' not in str(caught.value)
    assert 'host' not in text or 'host' in str(caught.value)
