"""`python -m fmnist_tf`: the same as `fmnist-tf`, which answers sooner."""

import sys

from fmnist_tf_cli import main

if __name__ == "__main__":
    sys.exit(main())
