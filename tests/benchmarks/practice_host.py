"""How fast and how large the practice host is: `uv run python -m tests.benchmarks.practice_host`. Nothing is asserted.

Goals: ready in under 1 s, under 150 MiB, 50 clients served. Ratios are to one client, so that machines compare.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from practice.host import Access
from tests.practice.clients import clients

COUNTS = (1, 10, 50)


def memory(pid: int) -> str:
    """The most that a process has held so far, where the system tells it."""
    path = Path(f"/proc/{pid}/status")
    line = (
        next((line for line in path.read_text().splitlines() if line.startswith("VmHWM")), "") if path.exists() else ""
    )
    return f"{int(line.split()[1]) / 1024:.0f} MiB" if line else "unknown"


def processor(pid: int) -> float:
    """Seconds of CPU of a process, 0 where the system does not tell."""
    path = Path(f"/proc/{pid}/stat")
    words = path.read_text().rpartition(")")[2].split() if path.exists() else []
    return (int(words[11]) + int(words[12])) / 100 if words else 0.0


def measure(access: Access, count: int) -> float:
    async def run() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(count))
        await clients(access, count)

    began = time.perf_counter()
    asyncio.run(run())
    return time.perf_counter() - began


def main() -> None:
    alone = 0.0
    for count in COUNTS:
        began = time.perf_counter()
        words = [sys.executable, "-m", "gui.cli", "practice", "serve", "n100-pve82", "--speed", "60"]
        process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
        try:
            assert process.stdout is not None
            told = json.loads(process.stdout.readline())
            ready, used = time.perf_counter() - began, processor(process.pid)
            fields = {key: value for key, value in told.items() if key in Access.__dataclass_fields__}
            access = replace(Access(**fields), ca=Path(told["ca"]), answers=Path(told["answers"]))
            print(f"ready after {ready:.2f} s ({used:.2f} s of CPU), {memory(process.pid)}")
            took = measure(access, count)
            alone = alone or took
            per = took / count
            print(
                f"{count:3} clients: {took:.2f} s, {per * 1000:.0f} ms each, {per / alone:.2f} of one alone, "
                f"{processor(process.pid) - used:.2f} s of CPU in the host, {memory(process.pid)}"
            )
        finally:
            process.terminate()
            process.wait()


if __name__ == "__main__":
    main()
