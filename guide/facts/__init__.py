"""What a host is: frozen dataclasses produced by pure parsers from the output of one script sent in one exec."""
