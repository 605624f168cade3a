"""Mail: from the bytes of a message to a ticket. Reading only; who calls accepts what was read."""
