"""AWS on this machine: see __main__.py."""
