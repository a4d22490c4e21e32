"""Faces: FER2013, practice faces, and a picture of the learner's own."""
