"""The shell of the practice host: a POSIX sh, parsed and interpreted here; what it cannot do it refuses loudly."""
