"""What happens to one ticket: opened, followed up, edited, closed, and its history and clocks."""
