"""Outgoing mail (outbox, delivery, transport) and incoming mail (IMAP, parsing, incoming)."""
