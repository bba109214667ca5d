"""Recurrent layers in one direction or both, in which padding changes nothing."""

import torch
from torch import Tensor, nn

from embedkit.neural.layers.pooling import last_state

__all__ = ["CELLS", "RecurrentLayers"]

CELLS = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}
"""Elman's network (Elman 1990), gated recurrent units (Cho et al. 2014), long short-term memory (Hochreiter and
Schmidhuber 1997). A GRU's state is z * h + (1 - z) * h~, as torch has it; the paper has z the other way round."""


class RecurrentLayers(nn.Module):
    """A stack of recurrent layers.

    The backward direction reads each text from its own last word, so that what stands behind it is never seen. (A
    packed sequence has the same effect, and on a processor takes six times as long.)

    Parameters
    ----------
    size : int
        Of the word vectors.
    hidden_size : int
        Of the state of each direction.
    cell : {"lstm", "gru", "rnn"}, default="lstm"
        The forget gates of an LSTM begin with the bias 1 (Jozefowicz et al. 2015, section 2).
    n_layers : int, default=1
    bidirectional : bool, default=True
    dropout : float, default=0.0
        Between layers.

    Attributes
    ----------
    n_features : int
        Size of the states that come out.

    Examples
    --------
    >>> layers = RecurrentLayers(8, 5)
    >>> mask = torch.tensor([[True, True, True], [True, False, False]])
    >>> layers(torch.randn(2, 3, 8), mask).shape
    torch.Size([2, 3, 10])
    """

    def __init__(
        self,
        size: int,
        hidden_size: int,
        cell: str = "lstm",
        n_layers: int = 1,
        *,
        bidirectional: bool = True,
        dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.n_features = hidden_size * (2 if bidirectional else 1)
        sizes = [size, *[self.n_features] * (n_layers - 1)]
        self.forward_layers = nn.ModuleList(_layer(cell, size, hidden_size) for size in sizes)
        self.backward_layers = nn.ModuleList(_layer(cell, size, hidden_size) for size in sizes if bidirectional)
        self.dropout = nn.Dropout(dropout)

    def forward(self, embedded: Tensor, mask: Tensor) -> Tensor:
        """Read texts.

        Parameters
        ----------
        embedded : Tensor, (n_texts, n_positions, size)
        mask : Tensor of bool, (n_texts, n_positions)
            True at words, from the first position on.

        Returns
        -------
        Tensor, (n_texts, n_positions, n_features)
            States at each word, the forward direction before the backward one; behind the end of a text they mean
            nothing. The backward state at the first word has seen the whole text.
        """
        mirrored = _mirrored(mask) if self.backward_layers else None
        states = embedded
        for number, ahead in enumerate(self.forward_layers):
            if number:
                states = self.dropout(states)
            directions = [ahead(states)[0]]
            if mirrored is not None:
                back = self.backward_layers[number](_reordered(states, mirrored))[0]
                directions.append(_reordered(back, mirrored))
            states = torch.cat(directions, dim=-1)
        return states

    def final(self, states: Tensor, mask: Tensor) -> Tensor:
        """What each direction has read last: Tensor, (n_texts, n_features); zeros for a text without words."""
        if not self.backward_layers:
            return last_state(states, mask)
        ahead, back = states.chunk(2, dim=-1)
        return torch.cat([last_state(ahead, mask), back[:, 0] * mask[:, :1]], dim=-1)


def _layer(cell: str, size: int, hidden_size: int) -> nn.RNNBase:
    layer: nn.RNNBase = CELLS[cell](size, hidden_size, batch_first=True)
    if cell == "lstm":
        # torch adds two biases, each of the gates input, forget, cell and output.
        with torch.no_grad():
            for name, bias in (("bias_ih_l0", 1.0), ("bias_hh_l0", 0.0)):
                layer.get_parameter(name)[hidden_size : 2 * hidden_size].fill_(bias)
    return layer


def _mirrored(mask: Tensor) -> Tensor:
    """Where each position of a text goes when its words are turned round; its own inverse."""
    position = torch.arange(mask.shape[1], device=mask.device)
    lengths = mask.sum(dim=1, keepdim=True)
    return torch.where(position < lengths, lengths - 1 - position, position)


def _reordered(states: Tensor, places: Tensor) -> Tensor:
    return states.gather(1, places.unsqueeze(-1).expand(-1, -1, states.shape[-1]))
