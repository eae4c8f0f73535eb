"""Downloading a model from a hub: the one thing in mneme that goes out to a network, and only when it is asked to."""
