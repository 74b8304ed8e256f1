"""The shell's own commands."""

from practice.shell.builtins import control, output, programs, state
from practice.shell.builtins.registry import BUILTINS, SPECIAL

__all__ = ["BUILTINS", "SPECIAL", "control", "output", "programs", "state"]
