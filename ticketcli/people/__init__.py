"""Partners, contacts and collaborators, how they are found by name, and the team's settings."""
