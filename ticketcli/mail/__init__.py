"""Mail out (outbox, delivery, transport) and mail in (parsing, the ticket it belongs to, IMAP)."""
