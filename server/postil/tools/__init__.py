"""What the model may do: tools described as data, and run only after they said what they would touch."""
