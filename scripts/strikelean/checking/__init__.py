"""The check before a study: what is wrong with tables and recordings, all of it at once."""
