"""Holds the practice host against recorded exchanges with real Proxmox VE (README.md beside this file)."""
