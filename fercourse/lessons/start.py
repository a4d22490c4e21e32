"""What every lesson begins with: its profile, and the faces that go with it."""

from __future__ import annotations

from fercourse.data.faces import FaceData
from fercourse.data.fer2013.load import load_fer2013
from fercourse.data.practice import cached_practice_data
from fercourse.machine import Profile, find_profile, has_accelerator, load_backend


def begin() -> tuple[Profile, FaceData]:
    """Start Keras quietly, print the profile, and return it with its faces.

    Under `practice` these are 4,000, 1,000 and 1,000 practice faces
    (`practice_data()`), drawn once in about half a minute and then cached; otherwise
    FER2013.

    Example: `profile, data = fc.begin()`

    Raises:
        FaceDataNotFoundError: `FERCOURSE_PROFILE` asks for FER2013, and it is not here.
        ValueError: `FERCOURSE_PROFILE` names no profile.
    """
    load_backend()
    data, missing = None, None
    try:
        data = load_fer2013()
    except FileNotFoundError as error:
        missing = error
    fault = None if data and data.comparable else "FER2013 is not here"
    profile = find_profile(fault, has_accelerator())
    print(profile)
    if profile.name == "practice":
        return profile, cached_practice_data()
    if missing is not None:
        raise missing
    assert data is not None
    return profile, data
