"""Networks that turn numbers of words into scores of classes: plain torch modules, a file each."""
