"""What can be done with submissions, and what becomes of a sitting through them."""
