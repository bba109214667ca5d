"""GloVe: parameters, co-occurring pairs in tiles, the model, training, its saved state, and the estimator."""
