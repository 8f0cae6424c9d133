"""What exit codes mean; docs/reference/cli.md lists them from here."""

from __future__ import annotations

FAULT = 1
USAGE = 2
OVER_LIMIT = 3
INTERRUPTED = 130
BROKEN_PIPE = 141

EXIT_CODES = {
    0: "done; nothing to complain of",
    FAULT: "a fault, told on stderr: of the configuration, of a record, of the broker; or a check found one",
    USAGE: "the command line was not understood",
    OVER_LIMIT: "`blocwatch lag --max`: a stage is further behind than allowed",
    INTERRUPTED: "interrupted by Ctrl-C (workers stop in order and end with 0)",
    BROKEN_PIPE: "the reader of the output went away, as `| head` does",
}
