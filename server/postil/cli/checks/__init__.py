"""What `postil doctor` looks at: one file per kind of thing, each giving rows."""
