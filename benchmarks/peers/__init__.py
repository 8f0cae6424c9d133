"""The same extraction by other stream libraries, written as a newcomer would."""
