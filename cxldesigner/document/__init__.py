"""All a platform file holds, as frozen values; pure edits; reading and writing ``.cxld``."""
