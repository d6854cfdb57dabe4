"""What a prompt mentions with an @, attached to it as a person would attach it: one file per kind of mention."""
