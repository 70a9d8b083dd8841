"""What is remembered is what was made, the latest used of it, whoever asks at once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from hypothesis import given
from hypothesis import strategies as st

from wfc_qa.adapters.remembered import Remembered

MOST = 3


@given(st.lists(st.integers(0, 6), max_size=40))
def test_the_least_recently_used_goes_first(asked: list[int]) -> None:
    kept, made = Remembered[int, str](MOST), list[int]()

    def make(key: int) -> str:
        made.append(key)
        return str(key)

    latest: list[int] = []
    for key in asked:
        before = len(made)
        assert kept.read(key, lambda key=key: make(key)) == str(key)  # type: ignore[misc]
        assert (len(made) == before) is (key in latest)
        latest = [*(one for one in latest if one != key), key][-MOST:]
    assert [key for key in range(7) if kept.get(key)] == sorted(latest)


def test_threads_that_ask_at_once_get_the_same_values() -> None:
    kept = Remembered[int, str](MOST)
    keys = [number % 5 for number in range(400)]
    with ThreadPoolExecutor(8) as threads:
        given = list(threads.map(lambda key: kept.read(key, lambda: str(key)), keys))
    assert given == [str(key) for key in keys]
