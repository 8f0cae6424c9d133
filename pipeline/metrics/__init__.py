"""Events in; dyads, coalition metrics and the clock out. Pure: event time arrives with the events."""
