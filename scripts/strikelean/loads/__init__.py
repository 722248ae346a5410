"""Joint reactions, patellofemoral joint, Achilles tendon and the per-step metrics."""
