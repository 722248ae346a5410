"""Contrasts and statistics over a cohort."""
