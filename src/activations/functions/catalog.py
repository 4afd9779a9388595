"""The catalog: every elementwise activation function of the course with its facts, in one place.

Plots, explorers, tests, benchmarks and the reference table iterate `ACTIVATIONS`, so that one new entry
appears in all of them.
"""

import difflib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, NamedTuple

from . import elementwise as f
from ._blocks import Array


class Range(NamedTuple):
    """The interval of values that a function takes.

    Attributes
    ----------
    low, high : float
        Infimum and supremum.
    low_attained, high_attained : bool
        Whether the function takes that value (of real arithmetic: floats round the sigmoid of 40 to 1).

    Examples
    --------
    >>> str(Range(0.0, math.inf, True, False))
    '[0, ∞)'
    """

    low: float
    high: float
    low_attained: bool
    high_attained: bool

    def __str__(self) -> str:
        opening, closing = "(["[self.low_attained], ")]"[self.high_attained]
        return f"{opening}{_format(self.low)}, {_format(self.high)}{closing}"


def _format(value: float) -> str:
    if math.isinf(value):
        return "∞" if value > 0 else "−∞"
    return f"{value:.4g}".replace("-", "−")


@dataclass(frozen=True)
class Parameter:
    """A parameter of an activation function.

    Attributes
    ----------
    name : str
        The keyword of the Python function.
    default : float
        The value used when it is not given.
    low, high : float
        The interval worth exploring, for sliders. The function itself may accept more.
    label : str
        Plain text for people.
    symbol : str
        LaTeX, as in the formula.
    """

    name: str
    default: float
    low: float
    high: float
    label: str
    symbol: str


@dataclass(frozen=True)
class Activation:
    """An activation function with everything the course says about it.

    Calling the object evaluates the function; parameters that are not given take their defaults.

    Attributes
    ----------
    name : str
        The key in `ACTIVATIONS` and the name of the Python function.
    label : str
        The name in prose.
    function, derivative : callable
        The pair of elementwise functions, with the same parameters.
    range : Range
        The values taken with the default parameters.
    formula, derivative_formula : str
        LaTeX, without dollar signs.
    parameters : tuple of Parameter
        Empty for most.
    kinks : tuple of float
        Where the derivative jumps, with the default parameters.
    citation : str
        A key of the bibliography.
    summary : str
        One sentence.
    aliases : tuple of str
        Other names that `get_activation` accepts.

    Examples
    --------
    >>> leaky = ACTIVATIONS["leaky_relu"]
    >>> leaky([-1.0, 2.0])
    array([-0.01,  2.  ])
    >>> leaky([-1.0, 2.0], negative_slope=0.2)
    array([-0.2,  2. ])
    """

    name: str
    label: str
    function: Callable[..., Any]
    derivative: Callable[..., Any]
    range: Range
    formula: str
    derivative_formula: str
    citation: str
    summary: str
    parameters: tuple[Parameter, ...] = ()
    kinks: tuple[float, ...] = ()
    aliases: tuple[str, ...] = ()

    def __call__(self, x: Array, **parameters: Any) -> Any:
        """Evaluate the function at `x`, with `parameters` in place of the defaults."""
        return self.function(x, **{p.name: p.default for p in self.parameters} | parameters)


_INF = math.inf
_ALL = (
    Activation(
        name="identity",
        label="Identity",
        function=f.identity,
        derivative=f.identity_derivative,
        range=Range(-_INF, _INF, False, False),
        formula=r"f(x) = x",
        derivative_formula=r"f'(x) = 1",
        citation="goodfellow2016",
        summary="Hands its input on unchanged: the linear activation, for the output of a regression.",
        aliases=("linear",),
    ),
    Activation(
        name="sigmoid",
        label="Sigmoid",
        function=f.sigmoid,
        derivative=f.sigmoid_derivative,
        range=Range(0.0, 1.0, False, False),
        formula=r"\sigma(x) = \frac{1}{1 + e^{-x}}",
        derivative_formula=r"\sigma'(x) = \sigma(x)\,\bigl(1 - \sigma(x)\bigr)",
        citation="rumelhart1986",
        summary="Squashes every number into (0, 1), to be read as the probability of one of two classes.",
        aliases=("logistic",),
    ),
    Activation(
        name="tanh",
        label="Tanh",
        function=f.tanh,
        derivative=f.tanh_derivative,
        range=Range(-1.0, 1.0, False, False),
        formula=r"\tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}}",
        derivative_formula=r"\tanh'(x) = 1 - \tanh^2 x",
        citation="lecun1998",
        summary="A sigmoid stretched to (−1, 1) and centred on zero.",
    ),
    Activation(
        name="relu",
        label="ReLU",
        function=f.relu,
        derivative=f.relu_derivative,
        range=Range(0.0, _INF, True, False),
        formula=r"f(x) = \max(0, x)",
        derivative_formula=r"f'(x) = \begin{cases} 1 & x > 0 \\ 0 & x \le 0 \end{cases}",
        citation="nair2010",
        summary="Keeps positive inputs, sets negative ones to zero: cheap, and never saturated to the right.",
        kinks=(0.0,),
    ),
    Activation(
        name="leaky_relu",
        label="Leaky ReLU",
        function=f.leaky_relu,
        derivative=f.leaky_relu_derivative,
        range=Range(-_INF, _INF, False, False),
        formula=r"f(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}",
        derivative_formula=r"f'(x) = \begin{cases} 1 & x > 0 \\ a & x \le 0 \end{cases}",
        citation="maas2013",
        summary="A ReLU that lets a small fraction of negative inputs through, so that no unit can die.",
        parameters=(Parameter("negative_slope", 0.01, 0.0, 1.0, "Negative slope", "a"),),
        kinks=(0.0,),
    ),
    Activation(
        name="prelu",
        label="PReLU",
        function=f.prelu,
        derivative=f.prelu_derivative,
        range=Range(-_INF, _INF, False, False),
        formula=r"f(x) = \begin{cases} x & x > 0 \\ a x & x \le 0 \end{cases}",
        derivative_formula=r"f'(x) = \begin{cases} 1 & x > 0 \\ a & x \le 0 \end{cases}",
        citation="he2015",
        summary="A leaky ReLU whose slope is learned, one for the layer or one for each unit.",
        parameters=(Parameter("slope", 0.25, -1.0, 1.0, "Slope", "a"),),
        kinks=(0.0,),
    ),
    Activation(
        name="elu",
        label="ELU",
        function=f.elu,
        derivative=f.elu_derivative,
        range=Range(-1.0, _INF, False, False),
        formula=r"f(x) = \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}",
        derivative_formula=r"f'(x) = \begin{cases} 1 & x > 0 \\ \alpha\,e^x & x \le 0 \end{cases}",
        citation="clevert2016",
        summary="A ReLU whose left side bends smoothly to −α, so that the mean output is nearer to zero.",
        parameters=(Parameter("alpha", 1.0, 0.1, 3.0, "Alpha", r"\alpha"),),
    ),
    Activation(
        name="selu",
        label="SELU",
        function=f.selu,
        derivative=f.selu_derivative,
        range=Range(-1.7580993408473768599, _INF, False, False),
        formula=(
            r"f(x) = \lambda \begin{cases} x & x > 0 \\ \alpha\,(e^x - 1) & x \le 0 \end{cases}"
            r", \quad \lambda \approx 1.0507,\ \alpha \approx 1.6733"
        ),
        derivative_formula=r"f'(x) = \lambda \begin{cases} 1 & x > 0 \\ \alpha\,e^x & x \le 0 \end{cases}",
        citation="klambauer2017",
        summary="An ELU scaled so that mean 0 and variance 1 reproduce themselves from layer to layer.",
        kinks=(0.0,),
    ),
    Activation(
        name="gelu",
        label="GELU",
        function=f.gelu,
        derivative=f.gelu_derivative,
        range=Range(-0.1699712074799037, _INF, True, False),
        formula=r"f(x) = x\,\Phi(x) = \tfrac{x}{2}\Bigl(1 + \operatorname{erf}\tfrac{x}{\sqrt 2}\Bigr)",
        derivative_formula=r"f'(x) = \Phi(x) + x\,\varphi(x)",
        citation="hendrycks2016",
        summary="Weights its input by the normal distribution function: the usual choice in transformers.",
    ),
    Activation(
        name="silu",
        label="SiLU",
        function=f.silu,
        derivative=f.silu_derivative,
        range=Range(-0.2784645427610738, _INF, True, False),
        formula=r"f(x) = x\,\sigma(x)",
        derivative_formula=r"f'(x) = \sigma(x)\,\bigl(1 + x\,\sigma(-x)\bigr)",
        citation="elfwing2018",
        summary="Weights its input by the sigmoid: a smooth ReLU that dips below zero; also called Swish.",
        aliases=("swish",),
    ),
    Activation(
        name="mish",
        label="Mish",
        function=f.mish,
        derivative=f.mish_derivative,
        range=Range(-0.30884341301725043, _INF, True, False),
        formula=r"f(x) = x \tanh\bigl(\ln(1 + e^x)\bigr)",
        derivative_formula=r"f'(x) = \tanh s + x\,\sigma(x)\,(1 - \tanh^2 s), \quad s = \ln(1 + e^x)",
        citation="misra2019",
        summary="Weights its input by the tanh of its softplus: close to SiLU, with a slightly deeper dip.",
    ),
    Activation(
        name="softplus",
        label="Softplus",
        function=f.softplus,
        derivative=f.softplus_derivative,
        range=Range(0.0, _INF, False, False),
        formula=r"f(x) = \ln(1 + e^x)",
        derivative_formula=r"f'(x) = \sigma(x)",
        citation="dugas2001",
        summary="A smooth ReLU whose derivative is the sigmoid; for outputs that must be positive.",
    ),
    Activation(
        name="log_sigmoid",
        label="Log-sigmoid",
        function=f.log_sigmoid,
        derivative=f.log_sigmoid_derivative,
        range=Range(-_INF, 0.0, False, False),
        formula=r"f(x) = \ln\sigma(x) = -\ln(1 + e^{-x})",
        derivative_formula=r"f'(x) = \sigma(-x)",
        citation="goodfellow2016",
        summary="The logarithm of a sigmoid probability: the loss of a classifier of two classes, negated.",
    ),
    Activation(
        name="hard_tanh",
        label="Hard tanh",
        function=f.hard_tanh,
        derivative=f.hard_tanh_derivative,
        range=Range(-1.0, 1.0, True, True),
        formula=r"f(x) = \min\bigl(1, \max(-1, x)\bigr)",
        derivative_formula=r"f'(x) = \begin{cases} 1 & |x| < 1 \\ 0 & |x| \ge 1 \end{cases}",
        citation="collobert2004",
        summary="Tanh of three straight pieces: cheap, and exactly flat outside [−1, 1].",
        kinks=(-1.0, 1.0),
    ),
    Activation(
        name="hard_sigmoid",
        label="Hard sigmoid",
        function=f.hard_sigmoid,
        derivative=f.hard_sigmoid_derivative,
        range=Range(0.0, 1.0, True, True),
        formula=r"f(x) = \tfrac16 \min\bigl(6, \max(0, x + 3)\bigr)",
        derivative_formula=r"f'(x) = \begin{cases} \tfrac16 & |x| < 3 \\ 0 & |x| \ge 3 \end{cases}",
        citation="howard2019",
        summary="Sigmoid of three straight pieces, for networks that run on small devices.",
        kinks=(-3.0, 3.0),
    ),
)

ACTIVATIONS: Mapping[str, Activation] = MappingProxyType({activation.name: activation for activation in _ALL})
"""The activation functions of the course by name, in the order in which they are taught. Read-only."""

_BY_NAME = {name: activation for activation in _ALL for name in (activation.name, *activation.aliases)}


def get_activation(name: str | Activation) -> Activation:
    """Return the activation function of that name.

    Parameters
    ----------
    name : str or Activation
        A key of `ACTIVATIONS`, an alias (linear, logistic, swish), or an `Activation`, which is handed back.

    Returns
    -------
    Activation

    Raises
    ------
    ValueError
        If there is none of that name; the message suggests the nearest.
    TypeError
        If `name` is neither a string nor an `Activation`.

    Examples
    --------
    >>> get_activation("swish").label
    'SiLU'
    """
    if isinstance(name, Activation):
        return name
    if not isinstance(name, str):
        raise TypeError(
            f"get_activation: name must be a string or an Activation, got {type(name).__name__}; "
            "pass for example 'relu'"
        )
    if name in _BY_NAME:
        return _BY_NAME[name]
    spelled = name.lower().replace("-", "_").replace(" ", "_")
    nearest = difflib.get_close_matches(spelled, _BY_NAME, n=1)
    suggestion = f"did you mean {nearest[0]!r}? Choose" if nearest else "choose"
    raise ValueError(
        f"get_activation: unknown name {name!r}; {suggestion} from {', '.join(sorted(_BY_NAME))}"
    )
