"""The networks: the paper's two, the shipped pocket models, and the other six systems."""
