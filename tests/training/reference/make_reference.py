"""Compute the reference values of this folder with PyTorch; needed only to make them afresh.

Run ``python tests/training/reference/make_reference.py`` in an environment with torch and NumPy. It writes
``torch_networks.npz`` (weights, inputs, outputs, losses, gradients, training trajectories, all float64) and
``torch_networks.json`` (what each case is, and with which versions, when and from which seed it was made).
The tests read these two files and never import torch.
"""

from __future__ import annotations

import datetime
import json
import platform
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from torch import nn

SEED = 20240607
HERE = Path(__file__).parent
N_SAMPLES = 9
N_STEPS = 20


class HardSigmoid(nn.Module):
    """Built from ReLU6: PyTorch's own Hardsigmoid rounds the 1/6 of its gradient to float32."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return nn.functional.relu6(x + 3) / 6


# name in this package -> (PyTorch's module, the parameters that both get)
ACTIVATIONS = {
    "identity": (nn.Identity, {}),
    "sigmoid": (nn.Sigmoid, {}),
    "tanh": (nn.Tanh, {}),
    "relu": (nn.ReLU, {}),
    "leaky_relu": (lambda: nn.LeakyReLU(0.2), {"negative_slope": 0.2}),
    "prelu": (lambda: nn.PReLU(init=0.3), {"slope": 0.3}),
    "elu": (lambda: nn.ELU(0.7), {"alpha": 0.7}),
    "selu": (nn.SELU, {}),
    "gelu": (nn.GELU, {}),
    "silu": (nn.SiLU, {}),
    "mish": (nn.Mish, {}),
    "softplus": (nn.Softplus, {}),
    "log_sigmoid": (nn.LogSigmoid, {}),
    "hard_tanh": (nn.Hardtanh, {}),
    "hard_sigmoid": (HardSigmoid, {}),
}
LOSSES = {
    "mean_squared_error": (nn.MSELoss, 2),
    "binary_cross_entropy": (nn.BCEWithLogitsLoss, 1),
    "softmax_cross_entropy": (nn.CrossEntropyLoss, 4),
}
TRAJECTORIES = {
    "sgd_momentum": (lambda p: torch.optim.SGD(p, lr=0.1, momentum=0.9), ["relu", "tanh", "prelu"]),
    "adam": (lambda p: torch.optim.Adam(p, lr=0.01), ["gelu", "tanh", "prelu"]),
}


def build(activation: str, n_outputs: int) -> nn.Sequential:
    """Return a network 3-6-5-n_outputs."""
    sizes, make = [3, 6, 5, n_outputs], ACTIVATIONS[activation][0]
    modules: list[nn.Module] = []
    for fan_in, fan_out in pairwise(sizes):
        modules += [nn.Linear(fan_in, fan_out), make()]
    return nn.Sequential(*modules[:-1])


def parameters_of(network: nn.Sequential, *, gradient: bool = False) -> list[np.ndarray]:
    """Return W0, b0, W1, b1, …, then the PReLU slopes; weights with inputs as rows, as in this package."""
    pick = (lambda p: p.grad) if gradient else (lambda p: p.detach())
    linear = [m for m in network if isinstance(m, nn.Linear)]
    arrays = [array for m in linear for array in (pick(m.weight).numpy().T, pick(m.bias).numpy())]
    slopes = [pick(m.weight).numpy().reshape(()) for m in network if isinstance(m, nn.PReLU)]
    return [array.copy() for array in arrays + slopes]


def main() -> None:
    """Write both files."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(SEED)
    arrays: dict[str, np.ndarray] = {}
    cases = []
    for number, activation in enumerate(ACTIVATIONS):
        loss_name = list(LOSSES)[number % len(LOSSES)]
        make_loss, n_outputs = LOSSES[loss_name]
        network, loss = build(activation, n_outputs), make_loss()
        X = 2 * torch.randn(N_SAMPLES, 3)
        X.requires_grad_()
        y = {
            "mean_squared_error": torch.randn(N_SAMPLES, n_outputs),
            "binary_cross_entropy": torch.randint(0, 2, (N_SAMPLES, 1)).double(),
            "softmax_cross_entropy": torch.randint(0, n_outputs, (N_SAMPLES,)),
        }[loss_name]

        arrays |= {f"{activation}/parameters/{i}": a for i, a in enumerate(parameters_of(network))}
        output = network(X)
        value = loss(output, y)
        value.backward()
        arrays[f"{activation}/X"] = X.detach().numpy()
        arrays[f"{activation}/y"] = y.numpy()
        arrays[f"{activation}/output"] = output.detach().numpy()
        arrays[f"{activation}/loss"] = np.array(value.item())
        arrays[f"{activation}/input_gradient"] = X.grad.numpy()
        gradients = parameters_of(network, gradient=True)
        arrays |= {f"{activation}/gradients/{i}": a for i, a in enumerate(gradients)}
        cases.append(
            {
                "activation": activation,
                "activation_parameters": ACTIVATIONS[activation][1],
                "layer_sizes": [3, 6, 5, n_outputs],
                "loss": loss_name,
            }
        )

        start = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        for trajectory, (make_optimizer, activations) in TRAJECTORIES.items():
            if activation not in activations:
                continue
            network.load_state_dict(start)
            optimizer = make_optimizer(network.parameters())
            losses = []
            for _ in range(N_STEPS):
                optimizer.zero_grad()
                value = loss(network(X.detach()), y)
                value.backward()
                optimizer.step()
                losses.append(value.item())
            key = f"{activation}/{trajectory}"
            arrays[f"{key}/losses"] = np.array(losses)
            arrays |= {f"{key}/parameters/{i}": a for i, a in enumerate(parameters_of(network))}

    np.savez_compressed(HERE / "torch_networks.npz", **arrays)
    provenance = {
        "made_by": "tests/training/reference/make_reference.py",
        "made_on": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "seed": SEED,
        "versions": {
            "python": platform.python_version(),
            "numpy": np.__version__,
            "torch": torch.__version__,
        },
        "dtype": "float64",
        "n_steps": N_STEPS,
        "optimizers": {
            "sgd_momentum": {"learning_rate": 0.1, "momentum": 0.9},
            "adam": {"learning_rate": 0.01},
        },
        "trajectories": {name: activations for name, (_, activations) in TRAJECTORIES.items()},
        "cases": cases,
    }
    (HERE / "torch_networks.json").write_text(json.dumps(provenance, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
