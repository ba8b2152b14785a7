"""The command line: from argv to a command to an exit code."""
