"""The model's service: the adapter for the Messages API, its prices and keys, and a scripted stand-in."""
