"""Inverse dynamics and root residuals."""
