"""`python -m fmnist_tf_cli`: the same as `fmnist-tf`."""

import sys

from fmnist_tf_cli import main

sys.exit(main())
