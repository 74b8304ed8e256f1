"""The ROM desk: a file that is meant as vBIOS is opened and judged before it goes anywhere."""
