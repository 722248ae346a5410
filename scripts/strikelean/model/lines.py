"""The lines by which a model of the Rajagopal or gait2392 family is drawn."""

# Joints by the body that they carry; a line joins each to the next.
LINES = (
    *(("femur_" + s, "tibia_" + s, "talus_" + s, "calcn_" + s, "toes_" + s) for s in "rl"),
    *(("humerus_" + s, "ulna_" + s, "hand_" + s) for s in "rl"),
    ("femur_r", "torso", "femur_l", "femur_r"),
    ("torso", "humerus_r", "humerus_l", "torso"),
)
