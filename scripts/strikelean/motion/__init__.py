"""Inverse kinematics and the angles a clinician reads."""
