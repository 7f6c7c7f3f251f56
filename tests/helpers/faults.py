"""Bad inputs made by kind: settings, lines and fields changed one by one."""

import copy
import json
from typing import Any, Callable, Iterator, Tuple

Path = Tuple[Any, ...]  # keys and numbers of entries

# What tools print as lines, with exit code 2; all else is a traceback.
TOLD = (ValueError, OSError, ImportError)


def leaves(value, start: Path = ()) -> Iterator[Tuple[Path, Any]]:
    """What is no dict or list inside of a nested value, by its path."""
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, (list, tuple)):
        items = enumerate(value)
    else:
        yield start, value
        return
    for key, inner in items:
        yield from leaves(inner, (*start, key))


def replaced(value, path: Path, new):
    """A copy of a nested value with another leaf."""
    if not path:
        return new
    first, *rest = path
    if isinstance(value, tuple):
        items = [*value]
        items[first] = replaced(items[first], rest, new)
        return tuple(items)
    changed = copy.copy(value)
    changed[first] = replaced(value[first], rest, new)
    return changed


def removed(value, path: Path):
    """A copy of a nested value without a leaf."""
    *path, last = path
    inner = value
    for key in path:
        inner = inner[key]
    fewer = copy.copy(inner)
    del fewer[last]
    return replaced(value, tuple(path), fewer)


# Of every field of a JSON file.
FIELD_KINDS = dict(
    removed=removed,
    null=lambda v, p: replaced(v, p, None),
    text=lambda v, p: replaced(v, p, 'abc'),
    negative=lambda v, p: replaced(v, p, -1),
    huge=lambda v, p: replaced(v, p, 10**15),
    nested=lambda v, p: replaced(v, p, [[1]]),
)


def mutated_json(text: str) -> Iterator[Tuple[str, str]]:
    """Every field changed in every way; of lists the first and the last."""
    content = json.loads(text)
    for path, _ in leaves(content):
        numbers = [(i, k) for i, k in enumerate(path) if isinstance(k, int)]
        if any(k not in (0, _size(content, path[:i]) - 1) for i, k in numbers):
            continue
        for kind, change in FIELD_KINDS.items():
            name = '.'.join(map(str, path))
            yield f'{kind} {name}', json.dumps(change(content, path))


def _size(value, path: Path) -> int:
    for key in path:
        value = value[key]
    return len(value)


def truncations(content: bytes) -> Iterator[Tuple[str, bytes]]:
    """A file cut at every eighth of its length, from nothing on."""
    for eighth in range(8):
        yield f'{eighth}/8', content[: len(content) * eighth // 8]


def outcome(work: Callable, *names: str) -> str:
    """How a start with bad input ends.

    Args:
        work (callable): What a tool does.
        names (str): What the message has to say, one of them.

    Returns:
        str: ``'accepted'``, ``'told'``, ``'vague: …'`` for a message that
        names none of these, ``'traceback: …'`` for what tools do not tell in
        lines.
    """
    try:
        work()
    except TOLD as error:
        said = str(error)
        named = any(name in said for name in names)
        return 'told' if named else f'vague: {type(error).__name__}: {said}'
    except Exception as error:  # noqa: BLE001 it is what is looked for
        return f'traceback: {type(error).__name__}: {error}'
    return 'accepted'
