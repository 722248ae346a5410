"""Force capacity, moment arms and the redundancy solver."""
