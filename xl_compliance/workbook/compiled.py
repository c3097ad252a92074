"""Failures of compiled libraries."""


def is_failure(problem: BaseException) -> bool:
    """Whether a library has failed on its input: a panic of Rust code is not an `Exception`.

    >>> is_failure(ValueError()), is_failure(KeyboardInterrupt())
    (True, False)
    """
    return isinstance(problem, Exception) or type(problem).__name__ == "PanicException"
