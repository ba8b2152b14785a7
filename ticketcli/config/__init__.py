"""My configuration on this machine: settings, passwords, and files written whole."""
