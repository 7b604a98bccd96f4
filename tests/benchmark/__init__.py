"""What the sync costs beside the bare necessary requests: `python -m benchmark --help`, or `make bench`.

Everything is a ratio of one run on one machine, ours and bare in turns. Nothing here is asserted about time.
"""
