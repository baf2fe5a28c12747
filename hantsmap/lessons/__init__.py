"""Lessons: tasks for a class on the map, each with an example and its answers taken from what the viewer may see."""

from hantsmap.lessons.example import Example, Lacking, Table, fragment
from hantsmap.lessons.lesson import Lesson, Note, Prepared, Question, lessons
from hantsmap.lessons.preparing import SLUGS, prepare

__all__ = ["SLUGS", "Example", "Lacking", "Lesson", "Note", "Prepared", "Question", "Table", "fragment", "lessons",
           "prepare"]
