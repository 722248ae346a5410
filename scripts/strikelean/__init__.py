"""strikelean: what forefoot striking and forward trunk lean do to the knee."""

__version__ = "0.1.0"
