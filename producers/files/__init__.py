"""Tickets from files: rows of tables, mailboxes, single messages. Reading only; who calls accepts what was read."""
