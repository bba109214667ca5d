"""The fastText classifier: hashed word n-grams, their mean, and a linear layer over it."""
