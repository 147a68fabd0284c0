"""Where claims are read from: the protocol, what lies on disk, and the engines."""
