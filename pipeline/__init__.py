"""blocwatch: a record walks feed → article → event → metric; see ARCHITECTURE in docs/explanation."""

__version__ = "0.1.0"
