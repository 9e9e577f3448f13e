"""Records layers of PyTorch and Keras with weights that these have drawn: files of safetensors, an input, and what comes out.

    KERAS_BACKEND=torch python record.py > recorded.json        (torch, keras, safetensors, numpy)

Images have their channels last on both sides of the recording. Everything is float64, but Keras rounds what it computes to float32.
"""

import base64
import json
import sys

import keras
import numpy as np
import safetensors
import safetensors.numpy
import torch
from torch import nn

torch.manual_seed(3)
keras.utils.set_random_seed(3)
torch.set_default_dtype(torch.float64)
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")
random = np.random.default_rng(3)


def draw(*shape):
    return np.round(random.normal(size=shape), 4)


def jumble(module):
    """Biases, scales and statistics other than 0 and 1."""
    with torch.no_grad():
        for name, value in module.state_dict().items():
            if value.is_floating_point():
                noise = torch.from_numpy(random.uniform(0.2, 1.2, size=tuple(value.shape)))
                value.copy_(noise if "var" in name else noise - 0.7)
    return module.eval()


def entry(weights, x, y):
    file = safetensors.numpy.save({name: np.ascontiguousarray(value) for name, value in weights.items()})
    return {
        "file": base64.b64encode(file).decode(),
        "x": np.asarray(x).ravel().tolist(),
        "y": np.asarray(y).ravel().tolist(),
    }


def of_torch(module, x, call=None):
    jumble(module)
    with torch.no_grad():
        y = (call or (lambda m, v: m(v)))(module, torch.from_numpy(x))
    return entry({name: value.numpy() for name, value in module.state_dict().items()}, x, y)


def last(call):
    """With channels first inside."""
    return lambda m, v: call(m, v.movedim(-1, 1)).movedim(1, -1)


def of_keras(layers, x, call=None):
    inputs = keras.Input(x.shape[1:], dtype="int32" if x.dtype == np.int32 else "float64")
    model = keras.Model(inputs, call(inputs, *layers) if call else layers[0](inputs), name="m")
    for weight in model.weights:
        noise = random.uniform(0.2, 1.2, size=tuple(weight.shape))
        weight.assign(noise if "variance" in weight.path else noise - 0.7)
    weights = {weight.path: keras.ops.convert_to_numpy(weight) for weight in model.weights}
    with torch.no_grad():
        y = keras.ops.convert_to_numpy(model(keras.ops.convert_to_tensor(x)))
    return entry(weights, x, y)


line, image, ids = draw(2, 4, 3), draw(2, 5, 4, 2), np.array([[3, 0, 6], [6, 1, 1]], dtype=np.int32)
whole = lambda m, v: m(v)[0]
attend = lambda m, v: m(v, v, v, need_weights=False)[0]
layers = keras.layers

recorded = {
    "pytorch": {
        "linear": of_torch(nn.Sequential(nn.Linear(3, 3), nn.Tanh(), nn.Linear(3, 4)), draw(2, 3)),
        "conv1d": of_torch(nn.Conv1d(3, 4, 2), line, last(lambda m, v: m(v))),
        "conv2d": of_torch(nn.Sequential(nn.Conv2d(2, 3, (3, 2)), nn.BatchNorm2d(3)), image, last(lambda m, v: m(v))),
        "convTranspose2d": of_torch(nn.ConvTranspose2d(2, 3, 2, stride=2), image, last(lambda m, v: m(v))),
        "embedding": of_torch(nn.Embedding(7, 4), ids),
        "layerNorm": of_torch(nn.LayerNorm(3), draw(2, 3)),
        "rnn": of_torch(nn.RNN(3, 2, batch_first=True), line, whole),
        "lstm": of_torch(nn.LSTM(3, 2, batch_first=True), line, whole),
        "gru": of_torch(nn.GRU(3, 2, batch_first=True), line, whole),
        "bidirectional": of_torch(nn.LSTM(3, 2, batch_first=True, bidirectional=True), line, whole),
        "attention": of_torch(nn.MultiheadAttention(4, 2, batch_first=True), draw(2, 3, 4), attend),
    },
    "keras": {
        "dense": of_keras([layers.Dense(3, activation="tanh", name="a"), layers.Dense(4, name="b")], draw(2, 3), lambda v, a, b: b(a(v))),
        "conv1d": of_keras([layers.Conv1D(4, 2, name="c")], line),
        "conv2d": of_keras(
            [layers.Conv2D(3, (3, 2), name="c"), layers.BatchNormalization(name="n")], image, lambda v, c, n: n(c(v))
        ),
        "convTranspose2d": of_keras([layers.Conv2DTranspose(2, 2, strides=2, name="c")], image),
        "embedding": of_keras([layers.Embedding(7, 4, name="e")], ids),
        "layerNorm": of_keras([layers.LayerNormalization(name="n")], draw(2, 3)),
        "rnn": of_keras([layers.SimpleRNN(2, return_sequences=True, name="r")], line),
        "lstm": of_keras([layers.LSTM(2, return_sequences=True, name="r")], line),
        "gru": of_keras([layers.GRU(2, return_sequences=True, name="r")], line),
        "gruResetBefore": of_keras([layers.GRU(2, return_sequences=True, reset_after=False, name="r")], line),
        "attention": of_keras([layers.MultiHeadAttention(2, 2, name="t")], draw(2, 3, 4), lambda v, t: t(v, v)),
    },
    "versions": {"torch": torch.__version__.split("+")[0], "keras": keras.__version__, "safetensors": safetensors.__version__},
}
json.dump(recorded, sys.stdout)
