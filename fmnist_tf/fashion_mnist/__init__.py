"""The worked example: MiniVGG on Fashion-MNIST, from the data to the run folder. The library does not import it."""

from fmnist_tf.fashion_mnist.data import CLASS_NAMES, load_fashion_mnist
from fmnist_tf.fashion_mnist.model import mini_vgg

__all__ = ["CLASS_NAMES", "load_fashion_mnist", "mini_vgg"]
