"""The form on a terminal: its fields, prompts, summary and drafts, and the editor."""
