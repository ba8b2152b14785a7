"""The desk on a full screen: a face of the commands, which does nothing that they cannot do."""
