"""`python -m fmnist_tf`: the same as `fmnist-tf`, which starts faster."""

import sys

from fmnist_tf_cli import main

if __name__ == "__main__":
    sys.exit(main())
