"""The environment variables of processes that run models."""

from __future__ import annotations

ENVIRONMENT = {
    # One thread, so that forking is safe, and one arena, so that the address
    # space stays small.
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "MALLOC_ARENA_MAX": "1",
    # Memory that was touched once stays: a spare child touches it beforehand.
    "MALLOC_MMAP_THRESHOLD_": "1000000000",
    "MALLOC_TRIM_THRESHOLD_": "1000000000",
    # ONNX Runtime reports to its maker unless told otherwise, from a thread.
    "ORT_DISABLE_TELEMETRY": "1",
    "ORT_TELEMETRY_DISABLED": "1",
    "HOME": "/nonexistent",
    "LANG": "C.UTF-8",
    "PYTHONDONTWRITEBYTECODE": "1",
}
# On the second path: Keras on TensorFlow, without code that is made at run time.
SECOND_PATH = {
    "KERAS_BACKEND": "tensorflow",
    "KERAS_HOME": "/proc/nonexistent",  # where nobody, root not either, can make a folder
    "TF_ENABLE_ONEDNN_OPTS": "0",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "CUDA_VISIBLE_DEVICES": "-1",
    "TEST_TMPDIR": "/nonexistent",  # its own tests, which it imports, look for a place to write
}
