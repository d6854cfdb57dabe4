"""Going back: what taking changes back would do, in which order, and how it is carried out."""
