"""Scores at all thresholds: histograms of scores, and pure functions of them."""
