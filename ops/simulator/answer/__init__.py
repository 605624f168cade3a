"""From a request to the text of a reply, for whatever output schema it brings."""
