"""Scores of the whole distribution: histograms of scores, and pure functions of them."""
