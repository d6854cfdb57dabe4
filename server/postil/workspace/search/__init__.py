"""Finding files and lines, without what is hidden, ignored or kept from the agent."""
