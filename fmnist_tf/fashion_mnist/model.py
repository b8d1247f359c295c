"""MiniVGG and its optimizer: the recipe of the article that this project grew from.

Rosebrock (2019), Fashion MNIST with Keras and Deep Learning, PyImageSearch. The network is a small one in
the manner of Simonyan and Zisserman (2015), Very deep convolutional networks for large-scale image
recognition, arXiv:1409.1556.
"""

import keras
from keras import layers


def mini_vgg(num_classes: int = 10) -> keras.Model:
    """MiniVGG: two blocks of convolutions and a dense layer, for raw pixels, not yet compiled.

    It divides pixels by 255 itself, so that a saved model takes images as they are.

    Args:
        num_classes: the number of classes, C.

    Returns:
        A model from images (N, 28, 28, 1) of any number type, from 0 to 255, to probabilities (N, C). Its
        weights depend on `keras.utils.set_random_seed`.

    Raises:
        ValueError: if `num_classes` is not positive.

    Example:
        >>> model = mini_vgg()
        >>> model.compile(decaying_sgd(epochs=10), "sparse_categorical_crossentropy")
        >>> model.output_shape
        (None, 10)
    """
    if num_classes < 1:
        raise ValueError(f"`num_classes` must be positive, got {num_classes}")
    return keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Rescaling(1 / 255),
            *_convolutions(32),
            *_convolutions(64),
            layers.Flatten(),
            layers.Dense(512, activation="relu"),
            layers.BatchNormalization(),
            layers.Dropout(0.5),
            layers.Dense(num_classes, activation="softmax"),
        ],
        name="mini_vgg",
    )


def decaying_sgd(epochs: int) -> keras.optimizers.SGD:
    """SGD with momentum 0.9 and the learning rate 0.01 / (1 + step x 0.01 / epochs).

    The article's `SGD(lr=0.01, momentum=0.9, decay=0.01 / epochs)`: the `decay` of older Keras counts steps,
    not epochs, and Keras 3 has it as a schedule.

    Args:
        epochs: the number of epochs that training is planned for.

    Returns:
        A new optimizer.

    Raises:
        ValueError: if `epochs` is not positive.

    Example:
        >>> round(float(decaying_sgd(epochs=10).learning_rate), 4)
        0.01
    """
    if epochs < 1:
        raise ValueError(f"`epochs` must be positive, got {epochs}")
    schedule = keras.optimizers.schedules.InverseTimeDecay(0.01, decay_steps=1, decay_rate=0.01 / epochs)
    # Keras takes schedules, which its annotation forgets.
    return keras.optimizers.SGD(schedule, momentum=0.9)  # pyright: ignore[reportArgumentType]


def _convolutions(filters: int) -> list[keras.Layer]:
    return [
        layers.Conv2D(filters, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.Conv2D(filters, 3, padding="same", activation="relu"),
        layers.BatchNormalization(),
        layers.MaxPooling2D(2),
        layers.Dropout(0.25),
    ]
