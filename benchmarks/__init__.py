"""The bench: HantsMap beside a static file and beside other servers of features, on one machine, in one run."""
