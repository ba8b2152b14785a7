"""Text from outside read as a value: words, dates, instants, periods, texts; or a clear error."""
