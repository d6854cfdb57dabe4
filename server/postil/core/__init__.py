"""The words Postil is made of: messages, effects, events, state, ports and errors, with no I/O."""
