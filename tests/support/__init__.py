"""What tests share: oracles, published values, a catalogue of every metric, small models."""
