"""FER2013 in every form that people have, found, read and verified."""
