"""Surveys as files: what a host said, kept for help, for tests, and for looking at it with no host at hand."""
