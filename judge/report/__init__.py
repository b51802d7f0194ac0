"""From an analysis to pages: one record (schema), the same blocks for every writer, four writers."""
