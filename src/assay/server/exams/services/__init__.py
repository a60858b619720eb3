"""What can be done with registrations and sittings."""
