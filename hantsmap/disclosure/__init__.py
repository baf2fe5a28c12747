"""Statistical disclosure control of counts of people: what is small is not shown, and cannot be had by subtraction.

    declared    what a declaration must say to be meant             problems()
    control     the six steps that a table goes through             control()
    together    one choice for all audiences of a layer             Together
    attack      what a reader can work out from the result          exposed()
    cells       counts as numbers, and what is known of each
    equations   totals and their parts, within rows and across areas

Sources: the Office for National Statistics' "10-5 rule" (counts under 10 are suppressed, the others rounded to 5), and
A. Hundepool et al., Statistical Disclosure Control (Wiley, 2012), chapters 4 and 5, on secondary suppression and on
what intervals an attacker can work out.

What is protected: a count under the threshold, in one published table, against a reader who knows every rule and does
arithmetic with the totals, parts and parents that are declared, one equation after the other, for as long as it helps.

What is NOT protected, so that nobody believes more than is true:

* Two releases. The same cell published from two base years, or before and after an area's boundary moved, can be
  subtracted; and a count suppressed in one year can be guessed from the years around it, since people stay.
* Geographies that do not nest. Wards and parishes cut across LSOAs: only the one `parent` of each row is known here.
  Publish one of them, or publish them coarsely.
* Rows that are not there. If a grant leaves a parent and all but one of its children, the missing child is the
  difference. Let a grant take whole levels, and never some of the children.
* Sums that are not declared, and what a reader knows from elsewhere (a census, a school roll, a neighbour).
* Many equations solved at once. Sums that follow from two declared ones are looked at, but no linear programme is run.
  In trials with invented areas and figures that were not rounded, linear algebra told one hidden cell in 1,500 that
  step-by-step arithmetic did not. Rounding blurs what it gains: do not declare `round_to: 1` for small areas.
* Two audiences of which neither sees all that the other does: where their tables would differ, the layer is not
  published. Where one sees all that the other does, both have the same choice (together.py).
* Text and geometry: a note that says "two families" is not a count.
"""

from hantsmap.disclosure.attack import exposed
from hantsmap.disclosure.control import control
from hantsmap.disclosure.declared import problems
from hantsmap.disclosure.together import Together

__all__ = ["Together", "control", "exposed", "problems"]
