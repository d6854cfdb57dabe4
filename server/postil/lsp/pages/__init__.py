"""Pages that Postil writes and keeps true while they are open."""
