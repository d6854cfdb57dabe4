"""The path of one call from wish to result, and what became of calls that broke off."""
