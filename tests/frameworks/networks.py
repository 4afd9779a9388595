"""Small networks in each framework, from our weights: matrix products and spellings."""

import parity
from libraries import gradients

from activations.experiments.frameworks import LIBRARIES


def small_network(library, case):
    """Return the loss of one of `parity.NETWORKS` and its gradients with respect to weights and biases."""
    lib, spelling, loss = LIBRARIES[library], parity.ROWS[case.activation], parity.ROWS[case.loss]
    constants = {"a": lib.convert(parity.VARIABLES["a"])} if "a" in spelling.parameters() else {}
    output_name, target_name = loss.parameters()
    X, y = lib.convert(case.X), lib.convert(case.y)

    def function(*parameters):
        a = X
        for W, b in zip(parameters[:-2:2], parameters[1:-2:2], strict=True):
            a = lib.evaluate(spelling.code[library], x=a @ W + b, **constants)
        output = a @ parameters[-2] + parameters[-1]
        return lib.evaluate(loss.code[library], **{output_name: output, target_name: y})

    parameters = case.network().parameters[: len(case.layer_sizes) * 2 - 2]
    value = float(function(*[lib.convert(array) for array in parameters]))
    return value, gradients(library, function, parameters)
