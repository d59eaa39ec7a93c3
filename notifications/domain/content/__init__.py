"""What an email says: templates, placeholders, rendering, calendar entries."""
