"""PyTorch's layers with weights that are given, in this project's layouts: what the expressions of cases.json may call."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.func import functional_call
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence


def first(x):
    """Channels last to channels first."""
    return x.movedim(-1, 1)


def last(x):
    """Channels first to channels last."""
    return x.movedim(1, -1)


def kernel(w):
    """A convolution's weight with the window first to PyTorch's order."""
    return w.permute(-1, -2, *range(w.dim() - 2))


def first_state(x, state, units, sides):
    zero = torch.zeros(sides, x.shape[0], units, dtype=x.dtype)
    return zero if state is None else state.unsqueeze(0)


def weights(sides):
    """(weight, recurrent, bias) or (weight, recurrent, bias, recurrent bias) of each direction, as PyTorch lists them."""
    for weight, recurrent, bias, *second in sides:
        yield weight.T
        yield recurrent.T
        yield bias
        yield second[0] if second else torch.zeros_like(bias)


def run(function, x, sides, states, lengths=None):
    """A recurrent function over [batch, time, features]; the state after each position, then the last states."""
    listed = list(weights(sides))
    both = len(sides) == 2
    given = states if len(states) > 1 else states[0]
    if lengths is None:
        sequence, *ends = function(x, given, listed, True, 1, 0.0, True, both, True)
    else:
        packed = pack_padded_sequence(x, lengths, batch_first=True)
        data, *ends = function(packed.data, packed.batch_sizes, given, listed, True, 1, 0.0, True, both)
        whole = nn.utils.rnn.PackedSequence(data, packed.batch_sizes)
        sequence = pad_packed_sequence(whole, batch_first=True, total_length=x.shape[1])[0]
    # Of one direction the last state is [batch, units]; of two it is that of each, side by side.
    return (sequence, *(torch.cat(list(end), -1) for end in ends))


def lstm(x, *sides, h=None, c=None, lengths=None):
    units = sides[0][1].shape[0]
    states = [first_state(x, given, units, len(sides)) for given in (h, c)]
    return run(torch.lstm, x, sides, states, lengths)


def gru(x, *sides, h=None, lengths=None):
    return run(torch.gru, x, sides, [first_state(x, h, sides[0][1].shape[0], len(sides))], lengths)


def rnn(x, *sides, h=None, lengths=None, relu=False):
    function = torch.rnn_relu if relu else torch.rnn_tanh
    return run(function, x, sides, [first_state(x, h, sides[0][1].shape[0], len(sides))], lengths)


def backwards(x):
    """The order of time reversed."""
    return x.flip(1)


def attention(x, heads, qw, qb, kw, kb, vw, vb, ow, ob, keys=None, values=None, mask=None, padding=None):
    """Multi-head attention, batch first; the output and the weights of each head. Masks as PyTorch has them."""
    keys = x if keys is None else keys
    values = keys if values is None else values
    output, shares = F.multi_head_attention_forward(
        x.transpose(0, 1),
        keys.transpose(0, 1),
        values.transpose(0, 1),
        x.shape[-1],
        heads,
        torch.cat([qw.T, kw.T, vw.T]),
        torch.cat([qb, kb, vb]),
        None,
        None,
        False,
        0.0,
        ow.T,
        ob,
        key_padding_mask=padding,
        attn_mask=mask,
        average_attn_weights=False,
    )
    return output.transpose(0, 1), shares


def attention_parameters(name, parts):
    q, qb, k, kb, v, vb, o, ob = parts
    return {
        f"{name}.in_proj_weight": torch.cat([q.T, k.T, v.T]),
        f"{name}.in_proj_bias": torch.cat([qb, kb, vb]),
        f"{name}.out_proj.weight": o.T,
        f"{name}.out_proj.bias": ob,
    }


def block_parameters(norms, linear):
    w1, b1, w2, b2 = linear
    named = {"linear1.weight": w1.T, "linear1.bias": b1, "linear2.weight": w2.T, "linear2.bias": b2}
    for i, (weight, bias) in enumerate(norms, 1):
        named |= {f"norm{i}.weight": weight, f"norm{i}.bias": bias}
    return named


def encoder(x, heads, own, linear, norms, mask=None, **options):
    layer = nn.TransformerEncoderLayer(x.shape[-1], heads, linear[0].shape[1], 0.0, batch_first=True, **options)
    parameters = {**attention_parameters("self_attn", own), **block_parameters(norms, linear)}
    return functional_call(layer.double(), parameters, (x,), {"src_mask": mask})


def decoder(x, memory, heads, own, across, linear, norms, mask=None, **options):
    layer = nn.TransformerDecoderLayer(x.shape[-1], heads, linear[0].shape[1], 0.0, batch_first=True, **options)
    parameters = {
        **attention_parameters("self_attn", own),
        **attention_parameters("multihead_attn", across),
        **block_parameters(norms, linear),
    }
    return functional_call(layer.double(), parameters, (x, memory), {"tgt_mask": mask})


def upper(size):
    """True where a position may not look: after itself."""
    return torch.ones(size, size, dtype=torch.bool).triu(1)


def average(x, s, h):
    """A moving average along the second axis: every value, and the last."""
    values = []
    for t in range(x.shape[1]):
        h = h * (1 - s) + x[:, t] * s
        values.append(h)
    return torch.stack(values, 1), h


def race(x, w, h, c):
    """Two states that read each other, from the last position to the first: the products at each position, and both states."""
    products = []
    for t in reversed(range(x.shape[0])):
        h, c = torch.tanh(w @ c + x[t]), torch.sin(h) * c
        products.insert(0, h * c)
    return torch.stack(products), h, c


def focal(x, t, gamma, alpha):
    """The focal loss of yes-or-no answers: Lin et al. (2017), equation 5."""
    p = x.sigmoid() * t + (1 - x.sigmoid()) * (1 - t)
    share = alpha * t + (1 - alpha) * (1 - t)
    return (share * (1 - p) ** gamma * F.binary_cross_entropy_with_logits(x, t, reduction="none")).mean()


def clipped(groups, limit):
    """Gradients that are clipped together: times limit / max(norm, limit). `clip_grad_norm_` adds 1e-6 to the norm."""
    for group in groups:
        norm = nn.utils.get_total_norm([p.grad for p in group])
        for p in group:
            p.grad *= limit / norm.clamp(min=limit)


def capped(w, limit):
    """The norm of each column down to the limit. `renorm` adds 1e-7 to the norm."""
    with torch.no_grad():
        w *= limit / torch.linalg.vector_norm(w, dim=0).clamp(min=limit)


def positions(length, size):
    """Vaswani et al. (2017), section 3.5."""
    angles = torch.arange(length)[:, None] / 10000 ** (torch.arange(0, size, 2, dtype=torch.float64) / size)
    return torch.stack([angles.sin(), angles.cos()], -1).flatten(1)[:, :size]


LAYERS = {
    made.__name__: made
    for made in (
        first,
        last,
        kernel,
        lstm,
        gru,
        rnn,
        backwards,
        average,
        race,
        attention,
        encoder,
        decoder,
        upper,
        focal,
        clipped,
        capped,
        positions,
    )
}
