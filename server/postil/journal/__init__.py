"""The record of each session: durable events in order, and what can be rebuilt from them."""
