"""A fictional county with something waiting for everybody: the words in `words.py`, the story in `story.py`."""
