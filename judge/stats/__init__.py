"""Statistics: values in, estimates out. No file, no clock, no hidden randomness."""
