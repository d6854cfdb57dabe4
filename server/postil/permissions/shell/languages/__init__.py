"""Programs that are given to programs as text: whether one of sed, awk or jq only computes and prints."""
