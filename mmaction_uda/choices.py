from typing import Any, Sequence


def check_choice(name: str, value: Any, choices: Sequence) -> None:
    """Refuse the value of an argument that is none of ``choices``.

    Raises:
        ValueError: Names the argument, the value and the choices.
    """
    if value not in choices:
        raise ValueError(
            f'{name} must be one of {list(choices)}, got {value!r}'
        )
