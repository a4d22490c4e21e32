"""What every lesson begins with: its profile, and the faces that go with it."""

from __future__ import annotations

import os

from fercourse.data.faces import FaceData
from fercourse.data.fer2013.load import Found, look_for_fer2013
from fercourse.data.practice import cached_practice_data
from fercourse.machine import (
    PROFILE_VARIABLE,
    Profile,
    find_profile,
    has_accelerator,
    load_backend,
)


def begin() -> tuple[Profile, FaceData]:
    """Start Keras quietly, print the profile, and return it with its faces.

    It also prints why it is this one, if nobody chose it, and what is wrong with the
    data that it found. Under `practice` the faces are 4,000, 1,000 and 1,000 practice
    faces (`practice_data()`), drawn once in about half a minute and then cached;
    otherwise FER2013.

    Example: `profile, data = fc.begin()`

    Raises:
        FaceDataNotFoundError: `FERCOURSE_PROFILE` asks for FER2013, and it is not here.
        ValueError: `FERCOURSE_PROFILE` names no profile, or asks for FER2013, and what
            is here cannot be read or has not all three splits with labels.
    """
    load_backend()
    if os.environ.get(PROFILE_VARIABLE) == "practice":  # whatever data are here
        found = Found(None, None, ())
    else:
        found = look_for_fer2013()
    profile = find_profile(found.missing, has_accelerator())
    # No reason is needed for a profile that the learner has chosen.
    reasons = [] if os.environ.get(PROFILE_VARIABLE) else [profile.reason]
    print(profile, *reasons, *found.remarks, sep="\n")
    if found.data and found.data.integrity != "verified FER2013":
        print(f"{found.data.source}: {found.data.integrity}.")
    if profile.name == "practice":
        return profile, cached_practice_data()
    if found.fault:
        raise found.fault
    assert found.data is not None
    found.data.require_comparable(f"The profile {profile.name}")
    return profile, found.data
