"""The configuration: what may stand in it, what is wrong with it, and typed settings of it."""
