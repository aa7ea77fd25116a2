"""Every series of a panel at once: which changed, ranked, with few false ones among those named."""
