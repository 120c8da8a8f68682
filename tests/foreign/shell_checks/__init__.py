"""What the P4Runtime shell finds of the switch, subject by subject."""
