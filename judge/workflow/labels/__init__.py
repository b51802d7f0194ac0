"""What `judge labels` does: plan, draw, import, check, list and lock."""
