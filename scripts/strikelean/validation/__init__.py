"""Recorded changes beside predicted ones: a validation that anybody can repeat."""
