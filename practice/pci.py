"""Names and numbers of PCI that a scenario does not give."""

from __future__ import annotations

VENDORS = {
    "8086": "Intel Corporation",
    "1002": "Advanced Micro Devices, Inc. [AMD/ATI]",
    "1022": "Advanced Micro Devices, Inc. [AMD]",
    "10de": "NVIDIA Corporation",
    "10ec": "Realtek Semiconductor Co., Ltd.",
    "1e4b": "MAXIO Technology (Hangzhou) Ltd.",
    "1e0f": "KIOXIA Corporation",
    "144d": "Samsung Electronics Co Ltd",
    "1a03": "ASPEED Technology, Inc.",
}
SUBSYSTEM = ("8086", "7270")
"""Vendor and device of the board, of every function (recorded of an N100)."""

INTERFACES = {"0c03": "30", "0106": "01", "0108": "02"}
"""Programming interface by class: xHCI, AHCI, NVM Express (PCI Code and ID Assignment Specification)."""
