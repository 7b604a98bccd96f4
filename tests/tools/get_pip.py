"""Stands in for get-pip.py of ansible-test (see `sanity`): pip from Python's own copy, then the versions asked for."""

from __future__ import annotations

import subprocess
import sys

# In a process of its own: ensurepip hides pip's configuration files from the process that it runs in.
subprocess.check_call([sys.executable, "-m", "ensurepip"], stdout=subprocess.DEVNULL)
wanted = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install", "--quiet", *wanted]))
