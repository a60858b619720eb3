"""What happens between choosing an exam and being allowed to start it."""
