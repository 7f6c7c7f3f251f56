"""Video unsupervised domain adaptation as a plug-in of MMAction2."""

from . import compat

compat.apply()  # before the host's models are imported

from . import datasets, engine, models  # noqa: E402
from .version import __version__  # noqa: E402

__all__ = ['__version__', 'compat', 'datasets', 'engine', 'models']
