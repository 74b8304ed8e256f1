"""The host side of the guide on a Debian host, from the simulated one to a real machine (README.md)."""
