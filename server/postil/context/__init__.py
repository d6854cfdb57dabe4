"""What the model is shown: a prefix that stays the same byte for byte, the conversation, and a changing end."""
