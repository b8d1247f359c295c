"""How good probabilities are: losses that are sums over samples, and reliability in bins of confidence."""
