"""Whose something is that adds to what the agent can do, in words for lists."""

WHOSE = {
    "built_in": "built in",
    "built-in": "built in",
    "administrator": "the administrator's",
    "user": "yours",
    "workspace": "of the workspace",
}
