"""What a text that names weights means."""

import os.path as osp
import re
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec

from ..faults import Faults
from ..files import sha256_of
from . import cache, hub, web
from .table import FILES, ROWS, host_row

ASSETS = osp.normpath(osp.join(osp.dirname(__file__), '..', 'assets'))
BY_HAND = 'checkpoints'  # files put there are taken before any address
SCHEMES = ('https', 'http', 'hf', 'pip', 'asset')
SUM = re.compile(r'[0-9a-f]{8,64}')


@dataclass(frozen=True)
class Address:
    """Where a file of weights lies.

    Args:
        scheme (str): One of :data:`SCHEMES`; empty for a file.
        rest (str): What comes behind it.
        sha256 (str): The first hex digits of its SHA-256, 8 at least, if
            they are known.
    """

    scheme: str
    rest: str
    sha256: str = ''

    @classmethod
    def parse(cls, text: str) -> 'Address':
        """Read what a config names.

        Args:
            text (str): A file; ``https://…``, ``hf://ORG/REPO[@REVISION]
                [/FILE]``, ``pip://PACKAGE/FILE`` or ``asset://FILE``, all
                perhaps with ``#sha256=…``; or a name of the table, or of the
                model index of MMAction2 or MMPreTrain.

        Raises:
            Faults: If it is none of these.
        """
        start, mark, digits = text.partition('#sha256=')
        scheme, known, rest = start.partition('://')
        if not known:
            return cls._named(text)
        if scheme not in SCHEMES:
            raise Faults(
                f'{web.shown(text)!r}: weights are not read from {scheme}://, '
                f'but from a file, or from {", ".join(SCHEMES)}'
            )
        if mark and not SUM.fullmatch(digits):
            raise Faults(
                f'{web.shown(start)!r}: #sha256={digits} must be 8 to 64 hex '
                'digits, small letters'
            )
        if scheme in ('https', 'http'):
            web.check(start)
        elif scheme == 'hf':
            hub.check(rest)
        return cls(scheme, rest, digits)

    @classmethod
    def _named(cls, text: str) -> 'Address':
        if osp.exists(text) or '/' in text:
            return cls('', text)
        row = ROWS.get(text) or host_row(text)
        if row is None:
            return cls('', text)
        by_hand = osp.join(BY_HAND, row.file)
        if osp.isfile(by_hand) or not row.address:
            return cls('', by_hand, row.sha256)
        found = cls.parse(row.address)
        return cls(found.scheme, found.rest, row.sha256)

    def __str__(self) -> str:
        return f'{self.scheme}://{self.rest}' if self.scheme else self.rest

    @property
    def place(self) -> str:
        """Where the file lies, or will when it is fetched, if it is known."""
        if self.scheme in ('https', 'http'):
            return cache.place_of(str(self))
        if self.scheme == 'hf':
            return hub.place_of(self.rest)
        if self.scheme == 'pip':
            with suppress(Faults):
                return _in_package(self.rest)
            return ''
        if self.scheme == 'asset':
            return osp.join(ASSETS, self.rest)
        return self.rest

    def fetch(self) -> str:
        """Path of the file, downloaded if need be, its SHA-256 compared.

        Raises:
            Faults: What went wrong, and what to do.
        """
        if self.scheme in ('https', 'http'):
            return cache.fetch(str(self), self.sha256)
        if self.scheme == 'hf':
            path = hub.fetch(self.rest)
        else:
            pip = self.scheme == 'pip'
            path = _in_package(self.rest) if pip else self.place
        if self.sha256 and osp.isfile(path):
            found = sha256_of(path)
            if not found.startswith(self.sha256):
                raise Faults(
                    f'{path!r} has the SHA-256 {found}, but {self.sha256}'
                    f'{"…" if len(self.sha256) < 64 else ""} was expected '
                    f'of {web.shown(str(self))!r}. Take the right file, or '
                    'name this one by its path.'
                )
        return path


def similar(text: str) -> str:
    """Names of the table that a text perhaps stands for."""
    if '/' in text or osp.splitext(text)[1] in FILES:
        return ''
    found = get_close_matches(text, ROWS, 3, 0.5) or list(ROWS)
    return f'Names that are known without a file: {", ".join(found)}. '


def _in_package(rest: str) -> str:
    """Path of ``PACKAGE/FILE``, without a line of the package being run."""
    package, _, file = rest.partition('/')
    spec = find_spec(package) if package.isidentifier() else None
    folders = spec and spec.submodule_search_locations
    if not folders:
        raise Faults(
            f'pip://{rest}: the package {package!r} is not installed. '
            f'pip install {package}'
        )
    for folder in folders:
        path = osp.join(folder, file)
        if osp.isfile(path):
            return path
    raise Faults(
        f'pip://{rest}: the installed package {package!r} holds no {file!r}. '
        'Correct the path; it begins in the folder of the package.'
    )
