"""Building blocks of the networks. Everything takes masks: what is padding never counts."""
