"""The quantities of a trial as tables: what each one is, where it comes from, its sign.

One row a quantity; :mod:`strikelean.loads.metrics_waveforms` evaluates the rows. Signs
follow the project's conventions: moments are internal, extension and plantarflexion
positive, adduction and internal rotation positive on both sides.
"""

from __future__ import annotations

from dataclasses import dataclass

GENERAL_FRAME = "model coordinate"
LABORATORY = "laboratory: X forward, Y up, Z right"


@dataclass(frozen=True)
class Direct:
    """A quantity that is one column of a table, times a sign.

    Attributes:
        name: quantity, the stem of its metrics' names.
        table: ``kinematics``, ``knee3``, ``moments`` or ``net_moments``.
        column: column with ``{s}`` for ``r``/``l``.
        sign: the direction that counts as positive.
        right, left: factor on each side.
        needs_trunk: whether it depends on where the trunk is.
    """

    name: str
    table: str
    column: str
    sign: str
    right: float = 1.0
    left: float = 1.0
    needs_trunk: bool = False

    def factor(self, side: str) -> float:
        """Return the factor that turns the column's sign into the quantity's."""
        return self.right if side == "right" else self.left


ANGLES = (
    Direct("hip_flexion_angle", "kinematics", "hip_flexion_{s}", "flexion positive"),
    Direct("hip_adduction_angle", "kinematics", "hip_adduction_{s}", "adduction positive"),
    Direct(
        "hip_internal_rotation_angle",
        "kinematics",
        "hip_rotation_{s}",
        "internal rotation positive",
    ),
    Direct("knee_flexion_angle", "kinematics", "knee_angle_{s}", "flexion positive"),
    Direct("knee_adduction_angle", "knee3", "knee_adduction_{s}", "adduction positive"),
    Direct(
        "knee_internal_rotation_angle",
        "knee3",
        "knee_rotation_{s}",
        "internal rotation positive",
    ),
    Direct("ankle_dorsiflexion_angle", "kinematics", "ankle_angle_{s}", "dorsiflexion positive"),
    Direct("subtalar_inversion_angle", "kinematics", "subtalar_angle_{s}", "inversion positive"),
    Direct(
        "pelvis_anterior_tilt_angle",
        "kinematics",
        "pelvis_tilt",
        "forward tilt positive",
        right=-1.0,
        left=-1.0,
    ),
    # pelvis_list turns about X (forward): positive lowers the right side.
    Direct(
        "pelvis_contralateral_drop_angle",
        "kinematics",
        "pelvis_list",
        "swing side lower than stance side positive",
        right=-1.0,
    ),
    # pelvis_rotation turns about Y (up): positive brings the right side forward.
    Direct(
        "pelvis_forward_rotation_angle",
        "kinematics",
        "pelvis_rotation",
        "stance side ahead of swing side positive",
        left=-1.0,
    ),
)

MOMENTS = (
    Direct(
        "hip_extension_moment",
        "moments",
        "hip_flexion_{s}_moment",
        "internal extension positive",
        right=-1.0,
        left=-1.0,
    ),
    Direct(
        "hip_adduction_moment",
        "moments",
        "hip_adduction_{s}_moment",
        "internal adduction positive",
    ),
    Direct(
        "hip_internal_rotation_moment",
        "moments",
        "hip_rotation_{s}_moment",
        "internal moment, internal rotation positive",
    ),
    Direct(
        "knee_extension_moment",
        "moments",
        "knee_angle_{s}_moment",
        "internal extension positive",
        right=-1.0,
        left=-1.0,
    ),
    Direct(
        "ankle_plantarflexion_moment",
        "moments",
        "ankle_angle_{s}_moment",
        "internal plantarflexion positive",
        right=-1.0,
        left=-1.0,
    ),
    Direct(
        "subtalar_inversion_moment",
        "moments",
        "subtalar_angle_{s}_moment",
        "internal inversion positive",
    ),
    Direct(
        "lumbar_extension_moment",
        "moments",
        "lumbar_extension_moment",
        "internal extension positive",
        needs_trunk=True,
    ),
)

POWERS = {
    "hip_sagittal_power": ("hip_flexion_{s}",),
    "hip_total_power": ("hip_flexion_{s}", "hip_adduction_{s}", "hip_rotation_{s}"),
    "knee_sagittal_power": ("knee_angle_{s}",),
    "ankle_sagittal_power": ("ankle_angle_{s}",),
    "subtalar_frontal_power": ("subtalar_angle_{s}",),
}
"""Coordinates whose moment times velocity adds up to a joint's power."""


@dataclass(frozen=True)
class Reaction:
    """A force or moment at a joint, from the joint reactions.

    The joint itself may be called anything: the column is found by the body it acts on
    and the frame it is written in, ``..._on_<body>_in_<body>_f``.

    Attributes:
        name: quantity, the stem of its metrics' names.
        body: the distal body, whose base frame it is written in, ``{s}`` for the side.
        load: ``f`` for force, ``m`` for moment.
        axis: ``x``, ``y``, ``z``, or ``norm`` for the resultant.
        sign: the direction that counts as positive.
        right, left: factor on each side.
    """

    name: str
    body: str
    load: str
    axis: str
    sign: str
    right: float = 1.0
    left: float = 1.0

    def factor(self, side: str) -> float:
        """Return the factor that turns the column's sign into the quantity's."""
        return self.right if side == "right" else self.left


CONTACT_FORCES = (
    Reaction("hip_contact_force", "femur_{s}", "f", "norm", "magnitude"),
    Reaction("tibiofemoral_contact_force", "tibia_{s}", "f", "norm", "magnitude"),
    Reaction(
        "tibiofemoral_compression_force",
        "tibia_{s}",
        "f",
        "y",
        "femur pressing on the tibia along its long axis positive",
        right=-1.0,
        left=-1.0,
    ),
    Reaction(
        "tibiofemoral_anterior_shear_force",
        "tibia_{s}",
        "f",
        "x",
        "femur pushing the tibia forward positive",
    ),
    Reaction("ankle_contact_force", "talus_{s}", "f", "norm", "magnitude"),
    Reaction(
        "ankle_compression_force",
        "talus_{s}",
        "f",
        "y",
        "tibia pressing down on the talus positive",
        right=-1.0,
        left=-1.0,
    ),
)

PATELLOFEMORAL = Reaction("", "patella_{s}", "f", "norm", "magnitude")

# The tibia's Y points up: on the right a positive moment about it turns the toes inward.
# Its X points forward: on the right a positive moment about it swings the foot inward.
# Its Z points right: a positive moment about it straightens either knee.
NET_MOMENTS = (
    Direct(
        "knee_net_extension_moment",
        "net_moments",
        "knee_net_moment_{s}_z",
        "internal extension positive",
    ),
    Direct(
        "knee_net_abduction_moment",
        "net_moments",
        "knee_net_moment_{s}_x",
        "internal abduction positive, which is an external adduction moment",
        right=-1.0,
    ),
    Direct(
        "knee_net_internal_rotation_moment",
        "net_moments",
        "knee_net_moment_{s}_y",
        "internal moment turning the tibia internally positive",
        left=-1.0,
    ),
)

HINGE_REACTIONS = (
    Reaction(
        "knee_axial_hinge_reaction",
        "tibia_{s}",
        "m",
        "y",
        "hinge turning the tibia internally positive",
        left=-1.0,
    ),
    Reaction(
        "knee_frontal_hinge_reaction",
        "tibia_{s}",
        "m",
        "x",
        "hinge adducting the tibia positive",
        left=-1.0,
    ),
)
"""What the model's hinge carries where it prescribes the knee's rotation; no finding."""

TORSO_LEAN = "trunk_lean_torso_axis_angle"
MARKER_LEAN = "trunk_lean_marker_line_angle"
LEAN_SIGN = "forward positive"

GROUND = {
    "ground_forward_force": ("x", 1.0, "forward (propulsion) positive"),
    "ground_vertical_force": ("y", 1.0, "up positive"),
    "ground_lateral_force": ("z", 1.0, "toward the runner's right positive"),
}
"""Ground-force waveforms kept in the file; their metrics are in metrics_ground."""
