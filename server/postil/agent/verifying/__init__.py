"""Whether what a turn has edited works: checks, the evidence that they give, and what is said of it at the turn's end."""
