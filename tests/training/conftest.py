import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest

# It imports PyTorch, which the tests do without: its results are stored beside it.
collect_ignore = ["reference/make_reference.py"]


@pytest.fixture
def complains() -> Callable[..., AbstractContextManager[None]]:
    """Expect an error that names the function, contains the given words, and ends with a remedy."""

    @contextmanager
    def expect(exception: type[Exception], function: str, *words: str) -> Iterator[None]:
        with pytest.raises(exception) as caught:
            yield
        message = str(caught.value)
        assert re.match(rf"{re.escape(function)}: .+; .+", message), message
        for word in words:
            assert word in message

    return expect
