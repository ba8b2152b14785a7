"""The user's configuration on this machine: settings, passwords, and safe writing of files."""
