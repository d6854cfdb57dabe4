"""What is generated from the code: the protocol's TypeScript types and three documents."""
