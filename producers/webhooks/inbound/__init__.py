"""Mail of providers on its way to a ticket."""
