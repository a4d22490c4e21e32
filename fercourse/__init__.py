"""fercourse: the library behind the course. Import what you need from its modules.

`import fercourse` loads no Keras backend, so that it stays quick and so that
`KERAS_BACKEND` can still be set after it.
"""

__version__ = "0.1.0"
