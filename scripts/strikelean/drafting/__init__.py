"""From a folder of recordings to the tables and settings of a study, for a person to complete."""
