"""A task of one's own: from two folders or lists of videos to a config."""

from .commands import next_commands
from .files import NewTask
from .making import Wanted, make_task
from .naming import check_free

__all__ = ['NewTask', 'Wanted', 'check_free', 'make_task', 'next_commands']
