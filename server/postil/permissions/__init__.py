"""May this call run? Rules are data, one pure function decides, and one place words the question."""
