"""What others have written: spreadsheets, address books, JSON lines."""
