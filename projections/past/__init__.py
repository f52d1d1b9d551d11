"""The past: everything as it was known at one moment and as it was at another."""
