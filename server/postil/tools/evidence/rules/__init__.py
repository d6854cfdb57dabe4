"""What is found by looking at the syntax tree of one Python file, a module for each principle."""
