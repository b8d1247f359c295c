"""Shared by tests: oracles, published values, a catalogue of every metric, small models."""
