"""The root file system and the disks of the Debian host under test, made from packages alone."""
