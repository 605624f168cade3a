"""The simulated judgement: naive Bayes over labelled tickets, never over the ticket asked about."""
