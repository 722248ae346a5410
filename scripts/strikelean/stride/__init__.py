"""The stride solver: the change of a stride that meets targets, in balance with the ground."""
