"""OpenSim's own tools on the same inputs, to check and to time our solvers against."""
