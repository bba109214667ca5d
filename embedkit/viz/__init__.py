"""Plots, fed with arrays. The one room that knows matplotlib."""

from embedkit.viz.spectrum import plot_singular_values

__all__ = ["plot_singular_values"]
