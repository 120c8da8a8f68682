"""What finsy finds of the switch, subject by subject."""
