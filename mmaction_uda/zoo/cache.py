"""A cache of files of the web: fetched once, whole, and compared."""

import errno
import hashlib
import os
import os.path as osp
from contextlib import suppress
from urllib.parse import unquote, urlsplit

from mmengine.logging import print_log

from ..faults import Faults
from ..files import alone_in, sha256_of
from .downloads import Download, recorded, write_record
from .web import shown

FULL = (errno.ENOSPC, errno.EDQUOT)


def cache() -> str:
    """The folder of what was downloaded: ``$MMACTION_UDA_CACHE``."""
    chosen = os.environ.get('MMACTION_UDA_CACHE') or '~/.cache/mmaction_uda'
    return osp.abspath(osp.expanduser(chosen))


def place_of(address: str) -> str:
    """Where the file of an address is kept."""
    digest = hashlib.sha256(address.encode()).hexdigest()[:12]
    name = osp.basename(unquote(urlsplit(address).path))
    return osp.join(cache(), 'weights', digest, name)


def fetch(address: str, sha256: str = '') -> str:
    """Path of the file of an address, downloaded if it is not there.

    Processes wait for the one that downloads. What breaks off goes on where
    it was, by the next call if need be. Of a file whose SHA-256 nobody knows
    the first one is recorded, and compared later.

    Args:
        address (str): ``https://…``.
        sha256 (str): First hex digits of its SHA-256, if they are known.

    Raises:
        Faults: What went wrong, with the address, the file and a remedy.
    """
    path = place_of(address)
    folder = osp.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
        with alone_in(folder):
            if not osp.isfile(path):
                Download(address, path, sha256).run()
            _compare(path, shown(address), sha256)
    except OSError as error:
        full = ' Free some space there, or' if error.errno in FULL else ''
        raise Faults(
            f'{shown(address)!r} cannot be kept in {folder!r}: '
            f'{error.strerror or error}.{full or " Mend this, or"} name '
            'another folder in MMACTION_UDA_CACHE.'
        ) from error
    return path


def _compare(path: str, shown: str, sha256: str) -> None:
    """Compare a file with its sum, and record that."""
    found = sha256_of(path)
    known = recorded(path).get('sha256', '')
    for expected in (sha256, known):
        if not found.startswith(expected):
            raise Faults(
                f'{path!r}, kept of {shown!r}, has the SHA-256 {found}, not '
                f'{expected}. Delete it to download it again.'
            )
    if not known:
        with suppress(OSError):  # others may not write there
            write_record(path, sha256=found)
        if not sha256:
            print_log(f'{shown} has the SHA-256 {found}.', 'current')
