"""What must hold between records that are each sound by themselves."""
