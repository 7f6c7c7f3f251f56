"""Video unsupervised domain adaptation as a plug-in of MMAction2."""

import sys

if sys.platform != 'linux':  # forks, file locks, children that end with us
    raise ImportError(
        f'mmaction_uda needs Linux and does not run on {sys.platform}. '
        'On macOS and Windows use a container or WSL 2.'
    )

from . import lean_imports  # noqa: E402

lean_imports.import_optimizers()  # before anything else imports them

from . import compat  # noqa: E402

compat.apply()  # before the host's models are imported

from . import datasets, engine, models  # noqa: E402
from .version import __version__  # noqa: E402

__all__ = ['__version__', 'compat', 'datasets', 'engine', 'models']
