"""The whole server as one process tree on one machine: `assay serve`.

    supervisor ──┬── postgres     the embedded database (unless ASSAY_DATABASE_URL names one)
                 ├── web          Django behind the upload gate
                 ├── grader       grades; owns the warm sandbox; sweeps
                 └── background   draws variants, sends mail; niced

The supervisor imports no Django: it starts parts, watches them, starts them again
when they die and stops them in reverse. Every part ends when the supervisor does,
however that ends. Nothing but the data folder says what a server's state is.
"""
