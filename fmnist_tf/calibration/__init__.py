"""Calibration of probabilities: losses that are sums over samples, and reliability in bins of confidence."""
