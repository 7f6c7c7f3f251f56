from .stored import Texts
from .templates import TEMPLATES, Templates, sentences, spoken, templates_of

__all__ = [
    'TEMPLATES',
    'Templates',
    'Texts',
    'sentences',
    'spoken',
    'templates_of',
]
