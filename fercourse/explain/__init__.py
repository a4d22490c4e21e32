"""Where does a network look, and can a picture of that be trusted?"""
