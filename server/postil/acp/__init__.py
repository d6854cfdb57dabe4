"""The Agent Client Protocol face: the same sessions as every other face, for editors that speak ACP on stdio.

Only this room imports the protocol's library. It knows neither the model nor the journal's format: what comes in becomes a
submission, and what goes out is made of publications.
"""
