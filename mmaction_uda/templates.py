"""Sentences that a class is put into, and the names that classes have."""

from typing import Dict, List, Sequence, Tuple, Union

from .faults import Faults
from .spelling import similar

Templates = Union[str, Sequence[str]]

TEMPLATES: Dict[str, Tuple[str, ...]] = dict(
    unite=('a video of a person {}',),
    action_clip=(
        'a photo of action {}',
        'a picture of action {}',
        'Human action of {}',
        '{}, an action',
        '{} this is an action',
        '{}, a video of action',
        'Playing action of {}',
        '{}',
        'Playing a kind of action, {}',
        'Doing a kind of action, {}',
        'Look, the human is {}',
        'Can you recognize the action of {}?',
        'Video classification of {}',
        'A video of {}',
        'The man is {}',
        'The woman is {}',
    ),
)


def templates_of(templates: Templates) -> List[str]:
    """The sentences of a set, each with ``{}`` in the place of a class.

    Args:
        templates (str | Sequence[str]): A name of :data:`TEMPLATES`, or
            sentences.

    Raises:
        Faults: For another name, or sentences without ``{}``.
    """
    if isinstance(templates, str):
        if templates not in TEMPLATES:
            raise Faults(
                f'there are no templates {templates!r}.'
                f'{similar(templates, [*TEMPLATES])} Give one of '
                f'{", ".join(TEMPLATES)}, or a list of sentences with {{}}.'
            )
        return [*TEMPLATES[templates]]
    wrong = [text for text in templates if text.count('{}') != 1]
    if wrong or not templates:
        raise Faults(
            f'templates={[*templates]!r}: each must be a sentence with {{}} '
            'once, where the name of the class is put'
        )
    return [*templates]


def sentences(templates: Sequence[str], names: Sequence[str]) -> List[str]:
    """All classes in the first sentence, then in the next."""
    return [text.replace('{}', name) for text in templates for name in names]


def spoken(classes: Sequence[str]) -> List[str]:
    """Names of classes as texts have them: blanks for underscores."""
    return [str(name).replace('_', ' ') for name in classes]
