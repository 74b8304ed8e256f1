"""One output stream of a command: decoded, collected, handed out line by line."""

from __future__ import annotations

import codecs

from ssh.result import LineSink


class Output:
    """Collects bytes as they arrive. Everything before `mark` is what the login shell printed, not the command."""

    def __init__(self, name: str, sink: LineSink | None, mark: bytes = b"") -> None:
        self._name = name
        self._sink = sink
        self._mark = mark
        self._noise = b""
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._parts: list[str] = []
        self._rest = ""

    def feed(self, data: bytes) -> None:
        """Take the next bytes; whole lines go to the sink at once."""
        if self._mark:
            noise, found, rest = (self._noise + data).partition(self._mark)
            if not found:
                self._noise = noise
                return
            self._mark, self._noise, data = b"", b"", rest
        self._take(self._decoder.decode(data))

    def finish(self) -> str:
        """The whole text. Where the mark never came, the noise is all that explains why: then it is the text."""
        self._take(self._decoder.decode(self._noise, final=True))
        if self._sink is not None and self._rest:
            self._sink(self._name, self._rest.rstrip("\r"))
        return "".join(self._parts)

    def _take(self, text: str) -> None:
        self._parts.append(text)
        if self._sink is None:
            return
        *lines, self._rest = (self._rest + text).split("\n")
        for line in lines:
            self._sink(self._name, line.rstrip("\r"))
