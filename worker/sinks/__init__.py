"""Where verdicts go. Adding one is one file here and one line in `registry.py`."""
