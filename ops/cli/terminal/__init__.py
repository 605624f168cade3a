"""How commands speak: words for figures, standard output for results, standard error for everything else."""
