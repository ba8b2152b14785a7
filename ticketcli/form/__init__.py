"""The form on a terminal: its fields, prompts and summary, its drafts, and the editor."""
