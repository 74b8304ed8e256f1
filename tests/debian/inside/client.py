#!/usr/bin/python3 -IS
"""Stands where qm, pvesh, pvesm ... stand on a Proxmox VE host: hands its words and streams to the daemon."""

import json
import os
import socket
import sys
from pathlib import Path

argv = [Path(sys.argv[0]).name, *sys.argv[1:]]
with socket.socket(socket.AF_UNIX) as connection:
    try:
        connection.connect("/run/pve-stand-ins.socket")
    except OSError as error:
        print(f"{argv[0]}: the stand-ins do not run: {error}", file=sys.stderr)
        sys.exit(255)
    asked = {"argv": argv, "cwd": str(Path.cwd()), "env": {"PATH": os.environ.get("PATH", "")}}
    socket.send_fds(connection, [json.dumps(asked).encode()], [0, 1, 2])
    answer = connection.recv(1)
sys.exit(answer[0] if answer else 255)
