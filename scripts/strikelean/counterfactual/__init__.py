"""The same runner with another technique: what is imposed, what is kept, and the solve between."""
