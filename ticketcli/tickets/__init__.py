"""One ticket: opening it, following it up, editing and closing it, its history and its clocks."""
