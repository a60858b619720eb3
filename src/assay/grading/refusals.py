"""Why a model file is not graded: one class for each reason.

A grading child names a reason by `code` and fills in parameters only before it
is given the hidden inputs; the words are the parent's, in the reader's language.

The reasons stand in the order of a file's way: its kind, what is in it, whether that
fits the task and its limits, and what comes of running it.
"""

from __future__ import annotations

from assay.errors import Refusal
from assay.messages import N_

# The kind of file ----------------------------------------------------------------------------


class EmptyFile(Refusal):
    """There is nothing, or next to nothing, in the file."""

    code = "empty_file"
    message = N_("A model file was expected, but this file has only {size} bytes.")
    remedy = N_('Save the trained model with model.save("mymodel.h5") and submit that file.')


class FileTooLarge(Refusal):
    """The file is over the task's limit."""

    code = "file_too_large"
    message = N_("The file has {size} bytes; this task takes at most {limit}.")
    remedy = N_(
        "Use fewer or smaller layers, or save without the optimizer: "
        'model.save("mymodel.h5", include_optimizer=False).'
    )


class GitLfsPointer(Refusal):
    """The small text that Git LFS leaves in place of a large file."""

    code = "git_lfs_pointer"
    message = N_("This is a Git LFS pointer: a short text that stands for the model file.")
    remedy = N_("Fetch the real file with: git lfs pull. Then submit it.")


class TextFile(Refusal):
    """Plain text, such as source code."""

    code = "text_file"
    message = N_("A model file was expected, but this file is plain text.")
    remedy = N_(
        'Run your program, so that model.save("mymodel.h5") writes the model, and submit that file.'
    )


class WebPage(Refusal):
    """HTML, as a failed download leaves it."""

    code = "web_page"
    message = N_("A model file was expected, but this file is a web page: a download went wrong.")
    remedy = N_("Download the model file itself, not the page that links to it, and submit it.")


class ArchitectureOnly(Refusal):
    """The JSON of `model.to_json()`."""

    code = "architecture_only"
    message = N_("This file describes a model's layers as JSON; the trained weights are not in it.")
    remedy = N_('Save layers and weights together with model.save("mymodel.h5").')


class PickleFile(Refusal):
    """A Python pickle, joblib included; unpickling runs whatever it says."""

    code = "pickle_file"
    message = N_("This file is a Python pickle. Pickles can run any code and are never opened.")
    remedy = N_(
        'Save a Keras model with model.save("mymodel.h5"), or export a scikit-learn model to ONNX '
        "with skl2onnx."
    )


class PyTorchFile(Refusal):
    """A `.pt` or `.pth` file."""

    code = "pytorch_file"
    message = N_("This is a PyTorch file. It holds a pickle, and pickles are never opened.")
    remedy = N_(
        'Export the model with torch.onnx.export(model, example, "mymodel.onnx") and submit that file.'
    )


class SavedModelFile(Refusal):
    """A TensorFlow SavedModel, zipped or its bare `saved_model.pb`."""

    code = "saved_model"
    message = N_(
        "This is a TensorFlow SavedModel. Its operations can read and write files, so it is not run."
    )
    remedy = N_(
        'Save the model as one file: model.save("mymodel.h5") or model.save("mymodel.keras").'
    )


class LiteModelFile(Refusal):
    """A TensorFlow Lite model."""

    code = "lite_model"
    message = N_("This is a TensorFlow Lite model.")
    remedy = N_('Submit the Keras model that it was made from: model.save("mymodel.h5").')


class ArraysOnly(Refusal):
    """NumPy arrays: `.npy`, `.npz`."""

    code = "arrays_only"
    message = N_("This file holds NumPy arrays, not a model.")
    remedy = N_('Save layers and weights together with model.save("mymodel.h5").')


class PackedFile(Refusal):
    """gzip, tar, 7z, RAR and their kin, or a ZIP with a model among other things."""

    code = "packed_file"
    message = N_("This file is an archive, not a model file.")
    remedy = N_("Unpack it and submit the model file itself.")


class UnknownFile(Refusal):
    """None of the kinds that are known."""

    code = "unknown_file"
    message = N_(
        "A Keras file (.h5, .keras) or an ONNX file (.onnx) was expected, but this file is none of them."
    )
    remedy = N_('Save the trained model with model.save("mymodel.h5") and submit that file.')


class WeightsOnly(Refusal):
    """What `model.save_weights()` writes."""

    code = "weights_only"
    message = N_("This file holds only weights; the layers that they belong to are not in it.")
    remedy = N_('Save with model.save("mymodel.h5") instead of model.save_weights(...).')


class DamagedFile(Refusal):
    """Truncated or otherwise unreadable."""

    code = "damaged_file"
    message = N_(
        "The file looks like a model but cannot be read: it is incomplete or damaged ({part})."
    )
    remedy = N_(
        "Save the model again, wait until the program has ended, and submit the new file. "
        "If it was downloaded or copied, compare its size with the original."
    )


class SuspiciousFile(Refusal):
    """Something that no saved model needs and that could be a trap."""

    code = "suspicious_file"
    message = N_(
        "The file holds something that saved models do not hold ({part}), so it is not read."
    )
    remedy = N_(
        'Save the model again with model.save("mymodel.h5") and submit that file unchanged.'
    )


# ONNX files ----------------------------------------------------------------------------------


class OnnxInvalid(Refusal):
    """Not a valid ONNX model."""

    code = "onnx_invalid"
    message = N_("The file looks like ONNX but is not a valid model.")
    remedy = N_(
        'Check it with onnx.checker.check_model("mymodel.onnx", full_check=True), and export again.'
    )


class OnnxTooNew(Refusal):
    """A later version of the standard."""

    code = "onnx_too_new"
    message = N_("The ONNX file needs operator set {received}; up to {limit} can be graded.")
    remedy = N_("Export again with opset_version={limit}.")


class OnnxExternalData(Refusal):
    """Weights in other files."""

    code = "onnx_external_data"
    message = N_("The ONNX file keeps its weights in another file.")
    remedy = N_(
        "Export everything into one file: torch.onnx.export(..., external_data=False), or "
        'onnx.save(onnx.load("mymodel.onnx"), "one.onnx").'
    )


class OnnxOperator(Refusal):
    """An operator that is not on the list."""

    code = "onnx_operator"
    message = N_("The ONNX file uses the operator {operator}, which cannot be graded.")
    remedy = N_("Export the model with standard ONNX operators only.")


class OnnxZipMap(Refusal):
    """Probabilities as a list of dictionaries."""

    code = "onnx_zip_map"
    message = N_("The ONNX file gives its probabilities as dictionaries (ZipMap).")
    remedy = N_('Export again with convert_sklearn(..., options={"zipmap": False}).')


# Layers and their weights --------------------------------------------------------------------


class LambdaLayer(Refusal):
    """A `Lambda` layer carries Python code."""

    code = "lambda_layer"
    message = N_(
        "The layer `{layer}` is a Lambda: it carries Python code, and code from a file is never run."
    )
    remedy = N_(
        "Replace it by a layer that says the same: to multiply, Rescaling(400.0); to add an axis, "
        "Reshape((30, 1)) or Input(shape=(30, 1)). Then train and save again."
    )


class CustomLayer(Refusal):
    """A class of the candidate's own."""

    code = "custom_layer"
    message = N_(
        "The layer `{layer}` is of the class {kind}, which is not Keras's own; its code is not in the file."
    )
    remedy = N_("Build the model from the layers of tf.keras.layers, train and save again.")


class UnknownLayer(Refusal):
    """A layer that the reader does not cover."""

    code = "unknown_layer"
    message = N_("The layer `{layer}` is of the class {kind}, which cannot be graded.")
    remedy = N_(
        "Replace it by other layers of tf.keras.layers. The handbook lists the layers that are covered."
    )


class UnknownFunction(Refusal):
    """An activation or operation that the reader does not cover."""

    code = "unknown_function"
    message = N_("The layer `{layer}` uses the function {function}, which cannot be graded.")
    remedy = N_('Use one of Keras\'s own, such as "relu", "tanh", "sigmoid" or "softmax".')


class UnsupportedOption(Refusal):
    """An option, or a value of it, that the reader does not cover."""

    code = "unsupported_option"
    message = N_(
        "The layer `{layer}` ({kind}) was saved with {option}={value}, which cannot be graded."
    )
    remedy = N_("Build the layer without this option, train and save again.")


class StatefulLayer(Refusal):
    """Predictions would depend on the order of the samples."""

    code = "stateful_layer"
    message = N_(
        "The layer `{layer}` is stateful: its answer to a sample depends on the samples before it."
    )
    remedy = N_(
        "Build the same model with stateful=False, take over the weights with "
        "new.set_weights(old.get_weights()), and save it."
    )


class UnreadableConfig(Refusal):
    """The description of the layers does not hold together."""

    code = "unreadable_config"
    message = N_("The file's description of the layer `{layer}` cannot be understood ({part}).")
    remedy = N_(
        'Save the model again with model.save("mymodel.h5") and submit that file unchanged.'
    )


class ShapesDoNotFit(Refusal):
    """A layer cannot take what the layer before it gives."""

    code = "shapes_do_not_fit"
    message = N_(
        "The layer `{layer}` ({kind}) cannot work on an input of shape {received}; "
        "without the samples' axis, {expected} was expected."
    )
    remedy = N_("Check the shapes with model.summary(), train and save again.")


class WeightsDoNotFit(Refusal):
    """The stored weights have other shapes than the layers ask for."""

    code = "weights_do_not_fit"
    message = N_(
        "The layer `{layer}` needs weights of shape {expected}, but the file has {received}."
    )
    remedy = N_(
        'Save the model again with model.save("mymodel.h5") and submit that file unchanged.'
    )


class WeightsMissing(Refusal):
    """A layer's weights are not in the file."""

    code = "weights_missing"
    message = N_("The weights of the layer `{layer}` are not in the file.")
    remedy = N_('Train the model, so that it is built, and save it with model.save("mymodel.h5").')


class InputShapeUnknown(Refusal):
    """A model that was saved before it knew its input."""

    code = "input_shape_unknown"
    message = N_("The model does not say what shape its input has.")
    remedy = N_(
        "Begin with Input(shape=...) or give the first layer input_shape=..., then save again."
    )


class SizeUnknown(Refusal):
    """A layer needs a size that the model leaves open."""

    code = "size_unknown"
    message = N_(
        "The layer `{layer}` ({kind}) needs to know every size of its input, but received {received}."
    )
    remedy = N_("Give Input(shape=...) numbers in the place of None, train and save again.")


class NoLayers(Refusal):
    """An empty model."""

    code = "no_layers"
    message = N_("The model has no layers.")
    remedy = N_('Fill in solution_model(), train, and save with model.save("mymodel.h5").')


# Inputs and outputs, against the task --------------------------------------------------------


class WrongNumberOfInputs(Refusal):
    """The model takes more or fewer inputs than the task gives."""

    code = "wrong_number_of_inputs"
    message = N_("The task gives {expected} inputs, but the model takes {received}.")
    remedy = N_("Build the model with the inputs that the task's page lists.")


class WrongNumberOfOutputs(Refusal):
    """The model has several outputs."""

    code = "wrong_number_of_outputs"
    message = N_("The task expects one output, but the model has {received}.")
    remedy = N_("Save a model with one output: keras.Model(inputs, outputs[0]).")


class WrongInputShape(Refusal):
    """The input has another shape than the task's."""

    code = "wrong_input_shape"
    message = N_("The task gives inputs of shape {expected}, but the model takes {received}.")
    remedy = N_("Begin the model with Input(shape={expected}), train and save again.")


class ExtraChannelAxis(Refusal):
    """(28, 28, 1) where (28, 28) is given."""

    code = "extra_channel_axis"
    message = N_(
        "The task gives inputs of shape {expected}, but the model takes {received}: one axis more."
    )
    remedy = N_(
        "Begin with Input(shape={expected}) followed by Reshape({received}), train and save again."
    )


class MissingChannelAxis(Refusal):
    """(28, 28) where (28, 28, 1) is given."""

    code = "missing_channel_axis"
    message = N_(
        "The task gives inputs of shape {expected}, but the model takes {received}: one axis less."
    )
    remedy = N_(
        "Begin with Input(shape={expected}) followed by Reshape({received}), train and save again."
    )


class ChannelsFirstInput(Refusal):
    """(3, 32, 32) where (32, 32, 3) is given."""

    code = "channels_first_input"
    message = N_(
        "The task gives inputs of shape {expected}, colour last, but the model takes {received}."
    )
    remedy = N_(
        "Let the model begin by moving the last axis to the front (Permute in Keras, permute in "
        "PyTorch), then save or export again."
    )


class WrongOutputShape(Refusal):
    """The output has another shape than the task's."""

    code = "wrong_output_shape"
    message = N_(
        "The task expects an output of shape {expected} for each sample, but the model gives {received}."
    )
    remedy = N_(
        "Change the last layer `{layer}` so that it gives {expected}, train and save again."
    )


class OneUnitForClasses(Refusal):
    """A single unit on a task with several classes."""

    code = "one_unit_for_classes"
    message = N_(
        "The task has {classes} classes and expects a probability for each, but the model's last "
        "layer `{layer}` has one unit."
    )
    remedy = N_(
        'End with Dense({classes}, activation="softmax") and the loss '
        '"sparse_categorical_crossentropy", train and save again.'
    )


class WrongNumberOfClasses(Refusal):
    """As many units as some other number of classes."""

    code = "wrong_number_of_classes"
    message = N_(
        "The task has {classes} classes, but the model's last layer `{layer}` has {received} units."
    )
    remedy = N_('End with Dense({classes}, activation="softmax"), train and save again.')


class TwoUnitsForProbability(Refusal):
    """Two units where the probability of one class is asked for."""

    code = "two_units_for_probability"
    message = N_(
        "The task expects one probability, but the model's last layer `{layer}` has {received} units."
    )
    remedy = N_(
        'End with Dense(1, activation="sigmoid") and the loss "binary_crossentropy", '
        "train and save again."
    )


class SequenceForOneAnswer(Refusal):
    """A whole sequence where one answer is asked for."""

    code = "sequence_for_one_answer"
    message = N_(
        "The task expects an output of shape {expected}, but the model gives {received}: "
        "an answer for every position instead of one."
    )
    remedy = N_(
        "Take away the extra axis: return_sequences=False in the last recurrent layer, or Flatten() "
        "or GlobalAveragePooling1D() before the last layer. Then train and save again."
    )


class OneAnswerForSequence(Refusal):
    """The sequence axis is dropped."""

    code = "one_answer_for_sequence"
    message = N_(
        "The task expects an output of shape {expected}, an answer for every step, "
        "but the model gives {received}: the axis of the steps is missing."
    )
    remedy = N_(
        "Use return_sequences=True in the recurrent layers, or end with Reshape({expected}). "
        "Then train and save again."
    )


class SoftmaxOfOneUnit(Refusal):
    """Softmax over a single unit is 1 whatever the input is."""

    code = "softmax_of_one_unit"
    message = N_(
        "The last layer `{layer}` applies softmax to one unit, which makes every answer 1."
    )
    remedy = N_(
        'For a probability, use activation="sigmoid"; for a value, no activation. '
        "Then train and save again."
    )


class SoftmaxForValues(Refusal):
    """Softmax on a regression."""

    code = "softmax_for_values"
    message = N_(
        "The task asks for values, but the last layer `{layer}` applies softmax, so that the "
        "answers add up to 1."
    )
    remedy = N_("Use no activation in the last layer, train and save again.")


class VocabularyTooSmall(Refusal):
    """Token ids that the embedding has no row for."""

    code = "vocabulary_too_small"
    message = N_(
        "The task's inputs hold numbers up to {highest}, but the layer `{layer}` has rows for "
        "0 to {last} only."
    )
    remedy = N_(
        "Use Embedding(input_dim=N, ...) with N above {highest}: the highest number plus one. "
        "Then train and save again."
    )


# What it costs -------------------------------------------------------------------------------


class TooManyParameters(Refusal):
    """More parameters than the task allows."""

    code = "too_many_parameters"
    message = N_("The model has {parameters} parameters; this task takes at most {limit}.")
    remedy = N_(
        "Use fewer units or filters; a Flatten before a large Dense layer is often the cause: "
        "see model.summary()."
    )


class TooManyMultiplyAdds(Refusal):
    """More computation than the task allows."""

    code = "too_many_multiply_adds"
    message = N_(
        "One sample costs the model {multiply_adds} multiplications; this task takes at most {limit}."
    )
    remedy = N_(
        "Use fewer filters or units, pooling or strides earlier in the model, or fewer layers."
    )


class TooMuchMemory(Refusal):
    """More memory than the task allows."""

    code = "too_much_memory"
    message = N_(
        "One sample needs {needed} bytes of memory in the model; this task allows {limit}."
    )
    remedy = N_("Use fewer filters or units, and pooling or strides earlier in the model.")


class OutOfMemory(Refusal):
    """Reading or running the model took more memory than the task allows."""

    code = "out_of_memory"
    message = N_(
        "Reading and running the model took more than the {limit} MB that this task allows."
    )
    remedy = N_(
        "Use fewer units or filters, and pooling or strides earlier in the model; "
        "save without the optimizer. Then train and save again."
    )


class TooManyLayers(Refusal):
    """More layers or calls of layers than any sensible model has."""

    code = "too_many_layers"
    message = N_("The model has more than {limit} layers or calls of layers.")
    remedy = N_("Use fewer layers, train and save again.")


# How it runs, and what it answers ------------------------------------------------------------


class IndexOutOfRange(Refusal):
    """An embedding was asked for a row that it does not have."""

    code = "index_out_of_range"
    message = N_("The task's inputs hold a number for which an Embedding layer has no row.")
    remedy = N_(
        "Use Embedding(input_dim=N, ...) with N above the highest number that the task's page gives."
    )


class ModelFailed(Refusal):
    """The model could not be run on the task's inputs."""

    code = "model_failed"
    message = N_("The model could not be run on the task's inputs.")
    remedy = N_(
        "Try model.predict on a few samples of the task's shape and type in a fresh program that "
        "loads the saved file."
    )


class WrongPredictions(Refusal):
    """The predictions have another shape than the output should have."""

    code = "wrong_predictions"
    message = N_("The model's predictions do not have the shape that the task expects.")
    remedy = N_("Compare model.predict(x).shape with the output on the task's page.")


class NotANumber(Refusal):
    """NaN among the predictions."""

    code = "not_a_number"
    message = N_("Some predictions are not numbers (NaN): the training diverged.")
    remedy = N_(
        "Look where the loss turns to nan; lower the learning rate, scale the inputs, "
        "then train and save again."
    )


class InfiniteNumber(Refusal):
    """Infinity among the predictions."""

    code = "infinite_number"
    message = N_("Some predictions are infinite: the training diverged, or a layer overflows.")
    remedy = N_("Lower the learning rate, scale the inputs, then train and save again.")


class NotProbabilities(Refusal):
    """Class scores that are no probabilities."""

    code = "not_probabilities"
    message = N_(
        "The task expects a probability for each class, but the predictions are not between 0 and 1 "
        "or do not add up to 1."
    )
    remedy = N_(
        'End with activation="softmax" in the last layer. If the loss was built with '
        "from_logits=True, add a Softmax layer after training and save again."
    )


class NotAProbability(Refusal):
    """A score that is no probability."""

    code = "not_a_probability"
    message = N_("The task expects a probability, but some predictions are below 0 or above 1.")
    remedy = N_(
        'End with activation="sigmoid" in the last layer. If the loss was built with '
        'from_logits=True, add Activation("sigmoid") after training and save again.'
    )


REFUSALS: dict[str, type[Refusal]] = {
    cls.code: cls
    for cls in list(globals().values())
    if isinstance(cls, type) and issubclass(cls, Refusal) and cls is not Refusal
}
