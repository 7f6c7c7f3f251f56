"""How processes end that another one has started."""

import ctypes
import os
import select
import signal
import threading

PR_SET_PDEATHSIG = 1  # of <linux/prctl.h>


def end_with(parent: int, *_) -> None:
    """Let this process be killed when its parent ends, however it ends."""
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # ended already
        os._exit(1)


def end_with_starter(starter: int) -> None:
    """Let this process be killed when one ends that is not its parent.

    A fork server is between the two, which takes a moment to end itself.
    """
    try:
        watched = os.pidfd_open(starter)
    except ProcessLookupError:  # ended already
        os._exit(1)
    threading.Thread(target=_follow, args=(watched,), daemon=True).start()


def _follow(watched: int) -> None:
    select.select([watched], [], [])
    os.kill(os.getpid(), signal.SIGKILL)


def serve(*_) -> None:
    """Let a worker of a data loader end with its parent, or by it alone.

    What stops a training is often sent to all of its processes. The parent
    then ends its step, and its workers; one that dies under its hands would
    be an error.
    """
    parent = os.getppid()
    end_with(parent)
    for number in (signal.SIGINT, signal.SIGUSR1):
        signal.signal(number, signal.SIG_IGN)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    threading.Thread(target=_end_by, args=(parent,), daemon=True).start()


def _end_by(parent: int) -> None:
    while signal.sigwaitinfo({signal.SIGTERM}).si_pid != parent:
        pass
    os._exit(0)
