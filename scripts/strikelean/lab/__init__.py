"""One recording: gaps, contacts, which foot, synchrony, strike classification."""
