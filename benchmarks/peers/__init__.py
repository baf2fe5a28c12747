"""Who is measured: ourselves, the static file that is the limit, and other servers of features, one module each."""
