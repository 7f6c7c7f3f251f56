"""The zip archive that PyTorch's files are."""

import struct
import zipfile
from typing import Dict

from ..faults import Faults

# Of <zip>: signature, version, flags, method, time, date, sum, sizes, lengths.
LOCAL = struct.Struct('<4s5H3L2H')
DESCRIPTOR = struct.Struct('<4s3L')
SUMS = b'PK\x07\x08'
DESCRIBED = 8  # of the flags: sum and sizes follow the content
PADDING = b'FB'  # of PyTorch, filled with Z
FIELDS = (PADDING, b'\1\0', b'UT', b'ux')  # sizes; times and owners of <zip>


def checked_entries(
    archive: zipfile.ZipFile, size: int
) -> Dict[str, zipfile.ZipInfo]:
    """Check headers and sums of an archive.

    Args:
        archive (ZipFile): The file.
        size (int): Its bytes.

    Returns:
        dict: Headers by name in the folder of the archive.

    Raises:
        Faults: If it unpacks to more than it is, or names parts twice.
        zipfile.BadZipFile: If it is damaged.
    """
    entries = _entries(archive, size)
    # Files whose writer left the sums out have zeros.
    summed = any(entry.CRC for entry in entries.values())
    for entry in entries.values():
        _check_header(archive, entry)
        if not summed:
            entry.CRC = None  # type: ignore[assignment]
    damaged = archive.testzip()
    if damaged:
        raise zipfile.BadZipFile(damaged)
    return entries


def _entries(
    archive: zipfile.ZipFile, size: int
) -> Dict[str, zipfile.ZipInfo]:
    entries: Dict[str, zipfile.ZipInfo] = {}
    for entry in archive.infolist():
        if entry.compress_type != zipfile.ZIP_STORED:
            raise Faults(
                f'is compressed, as PyTorch writes none: {entry.filename} '
                f'would unpack to {entry.file_size} bytes'
            )
        # PyTorch finds names whatever their case.
        name = entry.filename.partition('/')[2].lower()
        if name in entries:
            raise Faults(f'holds {name} twice')
        entries[name] = entry
    unpacked = sum(entry.file_size for entry in entries.values())
    if unpacked > size:
        raise Faults(f'would unpack to {unpacked} bytes, and has {size}')
    return entries


def _check_header(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Compare what stands before and behind a part with the directory.

    No sum covers it, and readers skip it; in a file of small tensors it is
    an eighth of the bytes.
    """
    file = archive.fp
    assert file is not None  # it is open
    file.seek(entry.header_offset)
    header = LOCAL.unpack(file.read(LOCAL.size))
    _, version, flags, method, time, date, *sums, name, extra = header
    small = entry.file_size < 1 << 32  # others have their sizes elsewhere
    wanted = [entry.CRC, entry.compress_size, entry.file_size]
    described = bool(flags & DESCRIBED)
    agrees = (
        (version, flags, method)
        == (entry.extract_version, entry.flag_bits, entry.compress_type)
        and (date, time) == (_packed(entry.date_time), entry._raw_time)  # type: ignore[attr-defined]
        and (not small or sums == (3 * [0] if described else wanted))
    )
    file.seek(name, 1)
    agrees = agrees and _is_padding(file.read(extra))
    if described and small:
        file.seek(entry.file_size, 1)
        found = DESCRIPTOR.unpack(file.read(DESCRIPTOR.size))
        agrees = agrees and [*found] == [SUMS, *wanted]
    if not agrees:
        raise zipfile.BadZipFile(entry.filename)


def _packed(date: tuple) -> int:
    year, month, day, *_ = date
    return (year - 1980) << 9 | month << 5 | day


def _is_padding(extra: bytes) -> bool:
    """Whether further fields of a header are whole; PyTorch's as it fills."""
    while extra:
        name, size = extra[:2], int.from_bytes(extra[2:4], 'little')
        content, extra = extra[4 : 4 + size], extra[4 + size :]
        if name not in FIELDS or len(content) < size:
            return False
        if name == PADDING and content.strip(b'Z'):
            return False
    return True
