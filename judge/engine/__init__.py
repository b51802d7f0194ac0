"""Carries out a plan: the only part of the package that waits."""
