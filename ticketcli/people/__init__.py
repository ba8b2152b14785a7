"""Partners, contacts and collaborators, how they are found, and what the team has set."""
