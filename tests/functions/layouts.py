"""Arrays as users have them: of any real dtype, cut out of others, in either order."""

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

REAL_DTYPES = ["?", "i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f2", "f4", "f8", ">f4", ">i4"]


@st.composite
def strided(draw, min_dims=0, min_side=0, max_side=5):
    """Draw an array of any real dtype, cut out of another one by steps of either sign, in either order."""
    shape = draw(hnp.array_shapes(min_dims=min_dims, max_dims=3, min_side=min_side, max_side=max_side))
    steps = [draw(st.sampled_from([-3, -2, -1, 1, 2, 3])) for _ in shape]
    dtype = np.dtype(draw(st.sampled_from(REAL_DTYPES)))
    elements = st.floats(width=16) if dtype.kind == "f" else None
    backing = draw(
        hnp.arrays(dtype, [n * abs(s) for n, s in zip(shape, steps, strict=True)], elements=elements)
    )
    backing = backing.copy(order=draw(st.sampled_from("CF")))
    return backing[tuple(slice(None, None, s) for s in steps)] if shape else backing


def same_bits(a, b):
    """Whether two float arrays agree in every bit, except that any nan equals any nan."""
    a, b = np.asarray(a), np.asarray(b)
    if a.dtype != b.dtype or a.shape != b.shape:
        return False
    return bool(np.all((np.isnan(a) & np.isnan(b)) | ((a == b) & (np.signbit(a) == np.signbit(b)))))
