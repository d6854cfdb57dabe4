"""Agent Skills: folders with a SKILL.md, found, read and checked."""
