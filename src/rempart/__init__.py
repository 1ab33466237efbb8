"""Rempart: third-party payment that a stolen account cannot empty."""
