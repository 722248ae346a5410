"""Virtual runners, and the laboratory that records them: the embedded default, with known truth."""
