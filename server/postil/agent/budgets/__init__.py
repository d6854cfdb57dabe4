"""What may still be spent, what the next call of the model needs, and what a person is asked at a limit."""
