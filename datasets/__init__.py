"""The synthetic county: invented data, shaped like a real county's, to test, demonstrate and measure HantsMap with."""
