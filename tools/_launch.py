"""torchrun, for tools/dist_*.sh: its processes say what is wrong, not it.

Exits with the code of the first process that failed; with 128 and its number
on a signal, which they get as well.
"""

import sys

from torch.distributed.elastic.multiprocessing.api import SignalException
from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
from torch.distributed.run import main

if __name__ == '__main__':
    try:
        main()
    except SignalException as stop:
        sys.exit(128 + stop.sigval)
    except ChildFailedError as error:
        _, failure = error.get_first_failure()
        code = failure.exitcode
        sys.exit(code if code > 0 else 128 - code)
