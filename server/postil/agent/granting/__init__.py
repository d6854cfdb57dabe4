"""Trust, approvals and grants: what a person has allowed for longer than one call, and how it is taken back."""
