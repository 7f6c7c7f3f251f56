"""Addresses of the web: which are safe, and what messages show of them."""

import os.path as osp
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler

from ..faults import Faults

LOOPBACK = ('127.0.0.1', '::1', 'localhost')


def shown(text: str) -> str:
    """An address as messages may show it, without what may be secret."""
    if '://' not in text:
        return text
    start, _, rest = text.partition('://')
    rest, query, _ = rest.partition('?')
    host, slash, path = rest.partition('/')
    query = '?…' if query else ''
    return f'{start}://{host.rpartition("@")[2]}{slash}{path}{query}'


def check(address: str) -> None:
    """Refuse what is not safe on its way, or would be told in logs.

    Raises:
        Faults: Says which, without what may be secret.
    """
    text = shown(address)
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port  # noqa: F841 checks it
    except ValueError as error:
        raise Faults(f'{text!r} is no address: {error}') from error
    if '@' in parts.netloc:
        raise Faults(
            f'{text!r}: an address with a password would be told in logs and '
            'configs. Download the file, and name it by its path.'
        )
    if not host or not osp.basename(parts.path):
        raise Faults(f'{text!r} names no file of a server')
    if parts.scheme != 'https' and host not in LOOPBACK:
        raise Faults(
            f'{text!r}: weights that come without https could be changed by '
            'anyone on their way. Take an https:// address.'
        )


class Redirects(HTTPRedirectHandler):
    """Follows redirects that are as safe as the address."""

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        """Refuse to leave https."""
        check(newurl)
        return super().redirect_request(req, fp, code, msg, headers, newurl)
