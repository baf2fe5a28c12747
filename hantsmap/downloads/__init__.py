"""Downloads: files made from a rendition, once, in a process of their own, and kept beside it.

`Download` is what somebody asks for, `Kept` where files are kept, `Counter` where they are asked for: it hands out what
is there, and has the rest made. What a file holds is a function of the rendition, the question, the format and the time
shown with it: two stores with the same rendition make the same bytes.
"""

from hantsmap.downloads.counter import Counter
from hantsmap.downloads.formats import FORMATS, Format, offered
from hantsmap.downloads.kept import File, Kept, default_folder
from hantsmap.downloads.manifest import manifest
from hantsmap.downloads.wanted import Download, named, want

__all__ = ["FORMATS", "Counter", "Download", "File", "Format", "Kept", "default_folder", "manifest", "named", "offered",
           "want"]
