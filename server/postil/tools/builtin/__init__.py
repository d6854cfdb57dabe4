"""The tools that come with Postil: `<name>.md` says what each is, `<name>.py` does it."""
