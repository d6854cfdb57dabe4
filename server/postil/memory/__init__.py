"""What was learned before is found again: an index of documents, and what turns notes and sessions into them."""
