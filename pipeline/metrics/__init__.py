"""Events in; dyads, coalition metrics and the clock out. Pure: time is event time and arrives with the events."""
