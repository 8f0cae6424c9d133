"""The one tree of errors: what went wrong with a record, a setting or a dependency."""


class PipelineError(Exception):
    """Root of every error that blocwatch raises on purpose."""


class BadRecordError(PipelineError):
    """A record that no retry can mend; it goes to the dead-letter topic with this reason."""


class ConfigError(PipelineError):
    """Settings or ontology with faults; `faults` lists every one as 'file:line: what to do'."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = faults


class AlteredFileError(PipelineError):
    """A model or data file is not the one that was shipped; nothing is read from it."""


class DependencyError(PipelineError):
    """Something outside (broker, feed, disk) failed; the shell retries with backoff or stops."""


class RefusedError(DependencyError):
    """A broker refuses us, and will until somebody changes something: no use in trying again."""


class DeadLetterLimitError(PipelineError):
    """Too large a share of the input is bad: stop and ask, rather than drain a feed into the DLQ."""


class LostRecordsError(PipelineError):
    """The broker no longer has what a worker has yet to read: an operator decides how to go on."""
