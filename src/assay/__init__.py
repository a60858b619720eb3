"""Assay: an open, self-hosted, hands-on certification exam for machine learning."""

__version__ = "0.1.0"
