"""Keras on TensorFlow, PyTorch and JAX, all in float64: values, and gradients by their own differentiation.

Importing this module imports and sets up all three.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # what a framework says about itself while it loads is not our concern
    import jax
    import keras
    import tensorflow as tf

import numpy as np

from activations.experiments.frameworks import LIBRARIES

FRAMEWORKS = ("keras", "torch", "jax")
SUM = {"keras": "keras.ops.sum(x)", "torch": "torch.sum(x)", "jax": "jnp.sum(x)"}

jax.config.update("jax_enable_x64", True)
keras.config.set_floatx("float64")
keras.config.set_dtype_policy("float64")


def versions():
    """Return the versions of the frameworks and of what they stand on."""
    frameworks = {name: LIBRARIES[name].version for name in FRAMEWORKS}
    return frameworks | {"tensorflow": tf.__version__, "numpy": np.__version__}


def value(library, code, variables):
    """Run a spelling on NumPy arrays and return a NumPy array."""
    arrays = {name: LIBRARIES[library].convert(array) for name, array in variables.items()}
    return np.asarray(LIBRARIES[library].evaluate(code, **arrays))


def gradients(library, function, arrays):
    """Return the gradient of ``function(*arrays)`` with respect to each array.

    The function gets arrays of the library, and gives one number of it.
    """
    tensors = [LIBRARIES[library].convert(array) for array in arrays]
    if library == "jax":
        return [np.asarray(g) for g in jax.grad(function, argnums=tuple(range(len(tensors))))(*tensors)]
    if library == "torch":
        for tensor in tensors:
            tensor.requires_grad_()
        function(*tensors).backward()
        return [tensor.grad.numpy() for tensor in tensors]
    with tf.GradientTape() as tape:
        tape.watch(tensors)
        result = function(*tensors)
    return [np.asarray(g) for g in tape.gradient(result, tensors)]


def gradient(library, code, variables, weights=None):
    """Return the gradient of ``sum(weights * code)`` with respect to the first variable.

    Without weights, that of an elementwise function is its derivative at each entry.
    """
    lib = LIBRARIES[library]
    (name, first), *others = variables.items()
    others = {key: lib.convert(array) for key, array in others}

    def function(x):
        result = lib.evaluate(code, **{name: x}, **others)
        return lib.evaluate(SUM[library], x=result if weights is None else result * lib.convert(weights))

    return gradients(library, function, [first])[0]
