"""A request as it came: headers and body, the body as a form or as JSON."""
