"""Every capability without a screen."""
