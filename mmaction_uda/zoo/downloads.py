"""One file of the web on its way to a disk."""

import http.client
import json
import os
import os.path as osp
import shutil
import ssl
from contextlib import suppress
from typing import IO, Callable, Dict, Optional
from urllib.error import HTTPError, URLError
from urllib.request import Request, build_opener

from ..faults import Faults
from ..files import parsed, sha256_of, written_aside
from ..progress import Progress
from ..version import __version__
from .web import Redirects, shown

TIMEOUT = 30  # seconds without a byte
LIMIT = 32 * 2**30  # bytes of a file
CHUNK = 1 << 20
BROKEN = (
    *(URLError, http.client.HTTPException, ssl.SSLError),
    *(ConnectionError, TimeoutError),
)


def _record(path: str) -> str:
    return f'{path}.json'


def recorded(path: str) -> Dict[str, str]:
    """What is known of a file, or of what has come of it."""
    with suppress(OSError, ValueError):
        with open(_record(path), encoding='utf-8') as file:
            found = parsed(file.read())
        if isinstance(found, dict):
            return found
    return {}


def write_record(path: str, **facts: Optional[str]) -> None:
    """Keep what is known of a file."""
    with written_aside(_record(path), 'w') as file:
        json.dump({k: v for k, v in facts.items() if v}, file)


class Download:
    """One file on its way.

    Args:
        address (str): ``https://…``, checked.
        path (str): Where it is kept. What has come lies beside it.
        sha256 (str): First hex digits of its SHA-256, if they are known.
    """

    def __init__(self, address: str, path: str, sha256: str) -> None:
        self.address, self.shown = address, shown(address)
        self.path, self.part, self.sha256 = path, f'{path}.part', sha256
        self.opener = build_opener(Redirects)

    def run(self) -> None:
        """Download, going on as long as anything comes."""
        complete = False
        while not complete:
            before = self._size()
            try:
                complete = self._receive()
            except HTTPError as error:
                if error.code == 416 and before:
                    os.remove(self.part)  # of another file than is there now
                    continue
                said = f'{error.code} {error.reason}'.splitlines()[0]
                raise self._fault(f'the server says {said}') from error
            except BROKEN as error:
                if self._size() <= before:
                    reason = getattr(error, 'reason', '') or repr(error)
                    raise self._fault(
                        f'the connection failed ({reason})'
                    ) from error
        found = sha256_of(self.part)
        if not found.startswith(self.sha256):
            os.remove(self.part)
            raise self._fault(
                f'what came has the SHA-256 {found}, not {self.sha256}: it '
                'was changed, or another file was meant'
            )
        os.replace(self.part, self.path)

    def _fault(self, what: str) -> Faults:
        kept = ' (what has come is kept)' if self._size() else ''
        return Faults(
            f'{self.shown!r}: {what}. Correct the address or try again'
            f'{kept}, or put the file in this place: {self.path!r}.'
        )

    def _size(self) -> int:
        return osp.getsize(self.part) if osp.exists(self.part) else 0

    def _receive(self) -> bool:
        """One request; whether the file is complete then."""
        begin = self._size()
        headers = {'User-Agent': f'mmaction_uda/{__version__}'}
        version = recorded(self.path).get('version')
        if begin and (version or self.sha256):
            headers['Range'] = f'bytes={begin}-'
            if version:
                headers['If-Range'] = version
        request = Request(self.address, headers=headers)
        with self.opener.open(request, timeout=TIMEOUT) as reply:
            begin = begin if reply.status == 206 else 0
            total = None if reply.length is None else begin + reply.length
            self._check(reply, total, begin)
            tag = reply.headers.get('ETag') or ''
            version = '' if tag.startswith('W/') else tag
            write_record(
                self.path,
                version=version or reply.headers.get('Last-Modified'),
            )
            with open(self.part, 'ab' if begin else 'wb') as file:
                self._copy(reply.read, file, begin, total)
        if total is not None and self._size() < total:
            raise ConnectionError(f'it ended at {self._size()} of {total}')
        return True

    def _check(self, reply, total: Optional[int], begin: int) -> None:
        """Refuse what cannot be weights, or cannot be kept."""
        wanted = f'bytes {begin}-'
        if begin and not reply.headers['Content-Range'].startswith(wanted):
            os.remove(self.part)
            raise self._fault('the server sent another part than asked for')
        if reply.headers.get_content_type() == 'text/html':
            raise self._fault('this is a web page, not a file of weights')
        self._check_size(total or 0)
        free = shutil.disk_usage(osp.dirname(self.path)).free
        if total is not None and total - begin > free:
            raise Faults(
                f'{self.shown!r} has {total} bytes, but there is room for '
                f'{free} in {osp.dirname(self.path)!r}. Free some space '
                'there, or name another folder in MMACTION_UDA_CACHE.'
            )

    def _check_size(self, size: int) -> None:
        if size > LIMIT:
            raise self._fault(f'it has more than {LIMIT} bytes')

    def _copy(
        self,
        read: Callable[[int], bytes],
        file: IO[bytes],
        size: int,
        total: Optional[int],
    ) -> None:
        scale = 1e-6
        with Progress() as progress:
            task = progress.add_task(
                f'download {osp.basename(self.path)}',
                total=total and total * scale,
                completed=size // 10**6,
                unit='MB',
            )
            while chunk := read(CHUNK):
                if not size and chunk.lstrip()[:1] == b'<':
                    raise self._fault('this is a web page, not weights')
                size += len(chunk)
                self._check_size(size)
                file.write(chunk)
                progress.advance(task, len(chunk) * scale)
            file.flush()
            os.fsync(file.fileno())
