"""A knee with three rotations, for kinematics only.

The generic knee turns in the frontal and transverse planes as fixed functions of flexion
(1.9 and 11.3 deg at 45 deg), so it cannot show what strike pattern or lean do there. Here
adduction and internal rotation become coordinates of their own: the two coupled functions
are replaced by the coordinates themselves, so a coordinate *is* the total rotation about
its axis, coupled part included. Loads are never computed on this variant.
"""

from __future__ import annotations

import math
from pathlib import Path
from xml.etree import ElementTree

import numpy as np

from strikelean.errors import ModelError
from strikelean.formats.series import FloatArray
from strikelean.model.engine import open_model
from strikelean.model.forward import solve_forward
from strikelean.model.tree import compile_tree

# Wider than any running knee, narrow enough to keep the solve out of a second minimum.
ADDUCTION_RANGE_DEG = (-25.0, 25.0)
ROTATION_RANGE_DEG = (-40.0, 40.0)


def _base_body(joint: ElementTree.Element, socket: str) -> str:
    """Return the body a joint's socket leads to, through the joint's own offset frames."""
    frame = (joint.findtext(socket) or "").split("/")[-1]
    for offset in joint.iter("PhysicalOffsetFrame"):
        if offset.get("name") == frame:
            return (offset.findtext("socket_parent") or "").split("/")[-1]
    return frame


def _knee_joint(root: ElementTree.Element, side: str) -> ElementTree.Element:
    for joint in root.iter("CustomJoint"):
        ends = _base_body(joint, "socket_parent_frame"), _base_body(joint, "socket_child_frame")
        if ends == (f"femur_{side}", f"tibia_{side}") and len(joint.findall(".//Coordinate")) == 1:
            return joint
    raise ModelError(
        "solve_kinematics_knee3",
        f"a custom knee joint with one coordinate between femur_{side} and tibia_{side}",
        "none in the scaled model",
        "Set kinematics.knee3 to false for this model",
    )


def _free_axis(
    knee: ElementTree.Element, axis: str, name: str, range_deg: tuple[float, float]
) -> None:
    coordinates = knee.find("coordinates")
    transform = knee.find(f".//TransformAxis[@name='{axis}']")
    if coordinates is None or transform is None:
        raise ModelError(
            "solve_kinematics_knee3",
            f"a transform axis {axis} in the knee joint",
            "none",
            "Set kinematics.knee3 to false for this model",
        )
    coordinate = ElementTree.SubElement(coordinates, "Coordinate", {"name": name})
    limits = " ".join(f"{math.radians(limit):.12g}" for limit in range_deg)
    ElementTree.SubElement(coordinate, "range").text = limits
    ElementTree.SubElement(coordinate, "clamped").text = "true"
    for child in list(transform):
        if child.tag != "axis":
            transform.remove(child)
    ElementTree.SubElement(transform, "coordinates").text = name
    line = ElementTree.SubElement(transform, "LinearFunction", {"name": "function"})
    ElementTree.SubElement(line, "coefficients").text = " 1 0"


def _rotation_signs(path: Path) -> dict[str, float]:
    """Return +1 or -1 for each new coordinate: which way it turns the tibia anatomically."""
    model = open_model(path)
    model.initSystem()
    tree = compile_tree(model, [])
    signs = {}
    for letter, side in (("r", "right"), ("l", "left")):
        femur, tibia = (tree.body_index(f"{body}_{letter}") for body in ("femur", "tibia"))
        for column, kind in ((1, "adduction"), (2, "rotation")):
            name = f"knee_angle_{letter}_{kind}"
            values = np.array([[coordinate.default for coordinate in tree.coordinates]] * 2)
            values[1, tree.coordinate_index(name)] += 0.01
            pose = solve_forward(tree, values)
            angles = grood_suntay(pose.rotations[:, femur], pose.rotations[:, tibia], side)
            signs[name] = float(np.sign(angles[1, column] - angles[0, column]))
    return signs


def build_knee3_model(scaled_osim: Path, output_osim: Path) -> None:
    """Write the three-rotation variant of a scaled model.

    Both knees gain the coordinates ``knee_angle_*_adduction`` and ``knee_angle_*_rotation``,
    positive in adduction and internal rotation on both sides. The file is edited as XML:
    OpenSim fixes a joint's coordinates when it builds the joint.

    Raises:
        ModelError: a knee that is not a one-coordinate custom joint.
    """
    open_model(scaled_osim)
    document = ElementTree.parse(scaled_osim)
    root = document.getroot()
    for side in ("r", "l"):
        knee = _knee_joint(root, side)
        _free_axis(knee, "rotation2", f"knee_angle_{side}_adduction", ADDUCTION_RANGE_DEG)
        _free_axis(knee, "rotation3", f"knee_angle_{side}_rotation", ROTATION_RANGE_DEG)
    model = root.find("Model")
    if model is not None:
        model.set("name", f"{model.get('name')}_knee3")
    partial = output_osim.with_name(output_osim.stem + ".partial.osim")
    document.write(partial, encoding="UTF-8", xml_declaration=True)
    for name, sign in _rotation_signs(partial).items():
        for axis in root.iter("TransformAxis"):
            if axis.findtext("coordinates") == name:
                coefficients = axis.find("LinearFunction/coefficients")
                if coefficients is not None:
                    coefficients.text = f" {sign:g} 0"
    document.write(partial, encoding="UTF-8", xml_declaration=True)
    partial.replace(output_osim)


def grood_suntay(femur: FloatArray, tibia: FloatArray, side: str) -> FloatArray:
    """Return knee flexion, adduction and internal rotation, (T, 3) radians, both sides alike.

    Args:
        femur, tibia: (T, 3, 3) body frames in the laboratory, X forward, Y up, Z right.
        side: ``right`` or ``left``.

    Joint coordinate system of Grood & Suntay 1983, doi 10.1115/1.3138397: flexion about
    the femur's lateral axis, internal rotation about the tibia's long axis, adduction
    about the axis normal to both.
    """
    mirror = 1.0 if side == "right" else -1.0
    lateral, long_axis = femur[..., 2], tibia[..., 1]
    floating = np.cross(long_axis, lateral)
    floating = floating / np.linalg.norm(floating, axis=-1, keepdims=True)
    along_y = np.einsum("ti,ti->t", floating, femur[..., 1])
    along_x = np.einsum("ti,ti->t", floating, femur[..., 0])
    flexion = np.arctan2(-along_y, along_x)
    adduction = mirror * np.arcsin(np.einsum("ti,ti->t", lateral, long_axis))
    rotation = mirror * np.arcsin(np.einsum("ti,ti->t", floating, tibia[..., 2]))
    return np.stack([flexion, adduction, rotation], axis=1)
