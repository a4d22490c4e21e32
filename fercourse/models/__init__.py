"""The networks: the paper's two, the other six systems, and the pocket models."""
